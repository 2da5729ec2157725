"""What Prometheus may ask. Never labels by run or user."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

registry = CollectorRegistry()
batches = Counter("heartline_batches_total", "Batches taken.", registry=registry)
records = Counter("heartline_records_total", "Spool records taken.", registry=registry)
requests = Counter(
    "heartline_requests_total", "Requests by status class.", ["status"], registry=registry
)
expiries = Counter("heartline_expiries_total", "Runs judged by their lease.", registry=registry)
merged = Counter("heartline_merges_total", "Streams whose chunks were merged.", registry=registry)
commit_seconds = Histogram(
    "heartline_commit_seconds", "From decoded batch to durable.", registry=registry
)
alive_ms = Gauge("heartline_alive_clock_ms", "The server-alive clock.", registry=registry)
tick_late = Counter("heartline_late_ticks_total", "Ticks later than 3 s.", registry=registry)
live_runs = Gauge("heartline_live_runs", "Runs heard lately by this server.", registry=registry)
beats = Counter("heartline_beats_total", "Heartbeats answered from memory.", registry=registry)
points = Counter("heartline_points_total", "Metric values taken.", registry=registry)
listeners = Gauge("heartline_event_listeners", "Open event streams.", registry=registry)
