"""Samples of the machine and the process: CPU, memory, disk, network, GPU. Never of anything else."""

import contextlib
import ctypes
import os
from pathlib import Path
from typing import Any

from heartline.sdk import witness


class Sampler:
    """Deltas need a memory; one sampler per watched process. Rates are per second."""

    def __init__(self, pid: int) -> None:
        import psutil

        self._psutil = psutil
        self._pid = pid
        self._cgroup = witness.cgroup_of(pid)
        self._last: dict[str, float] = {}
        self._at = 0.0
        self._gpus = Gpus()
        try:
            self._process: Any = psutil.Process(pid)
            self._process.cpu_percent()
        except psutil.Error:
            self._process = None
        psutil.cpu_percent()

    def sample(self, at: float) -> dict[str, float]:
        """Everything that can be measured now; what cannot, as a share of no time, is left out."""
        psutil = self._psutil
        memory = psutil.virtual_memory()
        found: dict[str, float] = {
            "memory.used_bytes": memory.total - memory.available,
            "memory.percent": memory.percent,
            "disk.percent": psutil.disk_usage("/").percent,
        }
        found.update(self._cpu())
        found.update(self._of_process())
        found.update(self._of_cgroup())
        found.update(self._rates(at))
        found.update(self._gpus.sample())
        self._at = at
        return found

    def _cpu(self) -> dict[str, float]:
        if not self._at:
            return {}
        found = {"cpu.percent": self._psutil.cpu_percent()}
        if self._process is not None:
            with contextlib.suppress(self._psutil.Error):
                found["process.cpu_percent"] = self._process.cpu_percent()
        return found

    def _of_process(self) -> dict[str, float]:
        if self._process is None:
            return {}
        try:
            with self._process.oneshot():
                return {
                    "process.memory_bytes": self._process.memory_info().rss,
                    "process.threads": self._process.num_threads(),
                }
        except self._psutil.Error:
            return {}

    def _of_cgroup(self) -> dict[str, float]:
        limit, used = witness.memory_limit(self._cgroup), None
        if limit is not None and self._cgroup is not None:
            used = witness.number_in(self._cgroup, "memory.current")
        found: dict[str, float] = {}
        if limit is not None:
            found["cgroup.memory_limit_bytes"] = limit
        if used is not None:
            found["cgroup.memory_bytes"] = used
        return found

    def _rates(self, at: float) -> dict[str, float]:
        totals: dict[str, float] = {}
        try:
            disk, network = self._psutil.disk_io_counters(), self._psutil.net_io_counters()
        except (OSError, RuntimeError):
            return {}
        if disk is not None:
            totals["disk.read_bytes_per_s"] = disk.read_bytes
            totals["disk.write_bytes_per_s"] = disk.write_bytes
        if network is not None:
            totals["network.sent_bytes_per_s"] = network.bytes_sent
            totals["network.received_bytes_per_s"] = network.bytes_recv
        length = at - self._at
        rates = {
            key: max(0.0, total - self._last[key]) / length
            for key, total in totals.items()
            if key in self._last and length > 0
        }
        self._last = totals
        return rates


class _Utilization(ctypes.Structure):
    _fields_ = [("gpu", ctypes.c_uint), ("memory", ctypes.c_uint)]


class _Memory(ctypes.Structure):
    _fields_ = [
        ("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong)
    ]  # fmt: skip


class Gpus:
    """NVIDIA GPUs through NVML, which their driver brings; none where there is no driver."""

    def __init__(self) -> None:
        self._devices: list[ctypes.c_void_p] = []
        self._nvml: Any = None
        if not Path("/dev/nvidiactl").exists():
            return
        try:
            self._nvml = ctypes.CDLL("libnvidia-ml.so.1")
            if self._nvml.nvmlInit_v2() != 0:
                return
        except OSError:
            return
        count = ctypes.c_uint()
        self._nvml.nvmlDeviceGetCount_v2(ctypes.byref(count))
        for index in range(count.value):
            device = ctypes.c_void_p()
            if self._nvml.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(device)) == 0:
                self._devices.append(device)

    def sample(self) -> dict[str, float]:
        """Utilisation in percent, memory in bytes, temperature in °C, power in W, per GPU."""
        found: dict[str, float] = {}
        for index, device in enumerate(self._devices):
            name = f"gpu.{index}"
            use, memory, number = _Utilization(), _Memory(), ctypes.c_uint()
            if self._nvml.nvmlDeviceGetUtilizationRates(device, ctypes.byref(use)) == 0:
                found[f"{name}.percent"] = use.gpu
            if self._nvml.nvmlDeviceGetMemoryInfo(device, ctypes.byref(memory)) == 0:
                found[f"{name}.memory_bytes"] = memory.used
                found[f"{name}.memory_percent"] = 100 * memory.used / max(memory.total, 1)
            if self._nvml.nvmlDeviceGetTemperature(device, 0, ctypes.byref(number)) == 0:
                found[f"{name}.temperature_c"] = number.value
            if self._nvml.nvmlDeviceGetPowerUsage(device, ctypes.byref(number)) == 0:
                found[f"{name}.power_w"] = number.value / 1000
        return found

    def names(self) -> list[str]:
        """The models, for the run's environment."""
        found = []
        for device in self._devices:
            buffer = ctypes.create_string_buffer(96)
            if self._nvml.nvmlDeviceGetName(device, buffer, 96) == 0:
                found.append(buffer.value.decode(errors="replace"))
        return found


def machine() -> dict[str, Any]:
    """What the run's environment says of the machine."""
    import psutil

    found: dict[str, Any] = {
        "cpu_count": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
    }
    if names := Gpus().names():
        found["gpus"] = names
    return found
