// Written by tools/write_api_types.py from heartline.wire. Never edited by hand.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface AgentBeat {
  running?: string[];
  ended?: TrialEnd[];
  wants?: boolean;
  leaving?: boolean;
  seq?: number;
}

export interface AgentCreate {
  host?: string;
  kind?: string;
  beat_ms?: number;
}

export interface AgentCreated {
  id: string;
  sweep: string;
  entity: string;
  project: string;
  program: string;
  command: string[];
  beat_ms: number;
}

export interface AssignBody {
  keys: number[];
  user: string;
}

export interface AssignedView {
  user: string;
  by: string;
  at: number;
}

export interface AttemptView {
  epoch: number;
  started_at: number;
  ended_at: number | null;
  state: string;
  cause: string;
  sentence: string;
  writers: number;
  hosts: string[];
}

export interface Attention {
  decide: AttentionItem[];
  ended: AttentionGroup[];
  hosts?: HostView[];
  snoozed?: SnoozedItem[];
  assigned?: Record<string, AssignedView>;
  notices?: Notice[];
  well?: number;
  not_looked_at?: number;
  reaper?: ReaperView | null;
}

export interface AttentionGroup {
  cause: string;
  state: string;
  runs: RunView[];
  shared?: string;
}

export interface AttentionItem {
  run: RunView;
  kind: string;
  why: string;
  since: number;
}

export interface BeatReply {
  status: string;
  sentence: string;
  commands: Command[];
}

export interface Best {
  run: string;
  name: string;
  value: number;
  args: Record<string, Json>;
}

export interface BulkAction {
  keys: number[];
  action: 'delete' | 'move' | 'stop' | 'tag' | 'undelete' | 'untag';
  for_good?: boolean;
  tag?: string;
  reason?: string;
  entity?: string;
  project?: string;
}

export interface BulkResult {
  done?: number[];
  refused?: Record<string, string>;
  kept_ms?: number;
}

export interface Checked {
  faults?: Record<string, string>[];
  planned?: number | null;
}

export interface Command {
  type: string;
  run?: string;
  name?: string;
  args?: Record<string, Json>;
  reason?: string;
}

export interface ConsolePage {
  lines: [number, string, number, string][];
  total: number;
}

export interface Control {
  action: string;
  allowed: boolean;
  told: string;
}

export interface ControlBody {
  reason?: string;
}

export interface DeletedRun {
  key: number;
  entity: string;
  project: string;
  id: string;
  name: string;
  user: string;
  state: string;
  created_at: number;
  deleted_by: string;
  deleted_at: number;
  kept_until: number;
}

export interface DeletedRuns {
  runs: DeletedRun[];
  total: number;
}

export interface FieldImportance {
  field: string;
  importance: number;
  correlation: number | null;
  values: number;
}

export interface FileView {
  path: string;
  size_bytes: number;
  mimetype: string;
  updated_at: number;
  sha256?: string;
}

export interface GroupQuery {
  project: string;
  entity?: string;
  filters?: Record<string, Json> | string;
  by: string[];
  select?: string[];
}

export interface GroupWindowQuery {
  project: string;
  entity?: string;
  filters?: Record<string, Json> | string;
  by: string;
  keys: string[];
  x?: string;
  width?: number;
  x_min?: number | null;
  x_max?: number | null;
  band?: 'deviation' | 'error' | 'quantiles' | 'range';
}

export interface HistoryPage {
  rows: Record<string, Json>[];
  next_step?: number | null;
}

export interface HostDetail {
  host: string;
  state: string;
  heard_at: number | null;
  live: HostRun[];
  lately: HostRun[];
  ended: number;
  silences: Silence[];
  machine: Record<string, Json>;
  not_looked_at?: number;
}

export interface HostRun {
  run: RunView;
  writers: number;
  writers_live: number;
  ranks: number[];
  heard_at: number | null;
  silent_ms: number | null;
  measured: boolean;
}

export interface HostView {
  host: string;
  state: string;
  runs: number;
}

export interface ImportanceQuery {
  project: string;
  entity?: string;
  filters?: Record<string, Json> | string;
  metric: string;
}

export interface ImportanceView {
  metric: string;
  runs: number;
  total: number;
  fields: FieldImportance[];
}

export interface KeyMade {
  id: string;
  hint: string;
  description: string;
  created_at: number;
  api_key?: string | null;
}

export interface KeyView {
  key: string;
  kind?: string;
  count?: number;
  last?: number | null;
  first?: number | null;
  min?: number | null;
  max?: number | null;
  mean?: number | null;
  nan_count?: number;
  inf_count?: number;
  first_step?: number;
  last_step?: number;
  objects?: number;
  media?: string;
}

export interface KeysQuery {
  runs: number[];
  system?: boolean;
}

export interface LedgerEntry {
  seq: number;
  at: number;
  input: string;
  attempt: number;
  before: string | null;
  after: string;
  cause: string;
  sentence: string;
  by: string;
  confidence: string;
  evidence: Record<string, Json>;
  writer?: string;
  writer_state?: string | null;
  rank?: number | null;
  host?: string;
  reason?: string;
}

export interface LoginBody {
  user?: string;
  password?: string;
  api_key?: string;
  token?: string;
}

export interface LoginLink {
  path: string;
  good_ms: number;
}

export interface MemberBody {
  user: string;
  role: string;
}

export interface NewKey {
  description?: string;
  api_key?: string | null;
}

export interface NewOrganisation {
  name: string;
  admin: string;
}

export interface NewTeam {
  name: string;
  admin: string;
  org?: string;
}

export interface NewUser {
  name: string;
  admin?: boolean;
  service?: boolean;
  email?: string;
  password?: string;
  api_key?: string | null;
}

export interface Notice {
  kind: string;
  why: string;
}

export interface ObjectsQuery {
  runs: number[];
  keys: string[];
  limit?: number;
}

export interface ObjectsView {
  run: number;
  key: string;
  total: number;
  rows: [number, number, Json][];
}

export interface OverrideBody {
  state: string;
  reason: string;
}

export interface ParameterShare {
  name: string;
  importance: number;
  correlation: number | null;
}

export interface Problem {
  error: string;
  code?: string;
}

export interface ProjectUpdate {
  description?: string | null;
}

export interface ProjectView {
  entity: string;
  name: string;
  created_at: number;
  description?: string;
  runs?: number;
  states?: Record<string, number>;
  sweeps?: number;
  newest?: RunView | null;
  active_at?: number;
}

export interface RankView {
  writer: string;
  rank: number | null;
  host: string;
  state: string;
  cause: string;
  confidence: string;
  sentence: string;
  heard_at: number;
  silent_ms: number | null;
}

export interface ReaperView {
  judges: boolean;
  since: number;
  down_ms: number | null;
}

export interface RunDetail {
  run: RunView;
  writers: RankView[];
  metrics: Record<string, Json>[];
  alerts?: Record<string, Json>[];
}

export interface RunGroup {
  values: Json[];
  runs: number;
  states: Record<string, number>;
  fields: Record<string, Spread>;
}

export interface RunGroups {
  groups: RunGroup[];
  total: number;
  counted: number;
}

export interface RunPage {
  runs: RunView[];
  total: number;
  states: Record<string, number>;
}

export interface RunQuery {
  entity?: string;
  project?: string;
  filters?: Record<string, Json> | string;
  order?: string;
  limit?: number;
  offset?: number;
  select?: string[];
}

export interface RunUpdate {
  name?: string | null;
  notes?: string | null;
  tags?: string[] | null;
  group?: string | null;
  job_type?: string | null;
  config?: Record<string, Json> | null;
  summary?: Record<string, Json> | null;
}

export interface RunView {
  key: number;
  entity: string;
  project: string;
  id: string;
  name: string;
  state: string;
  since: number;
  cause: string;
  confidence: string;
  sentence: string;
  said_by: string;
  created_at: number;
  started_at?: number | null;
  ended_at?: number | null;
  heard_at?: number | null;
  silent_ms?: number | null;
  duration_ms?: number | null;
  progress_at?: number | null;
  last_step?: number;
  attempt?: number;
  ranks_live?: number;
  ranks?: number;
  world_size?: number | null;
  user?: string;
  host?: string;
  group?: string;
  job_type?: string;
  sweep?: string;
  notes?: string;
  client?: string;
  tags?: string[];
  stop?: StopView | null;
  version?: number;
  qualifier?: string;
  not_stored?: string;
  config?: Record<string, Json> | null;
  summary?: Record<string, Json> | null;
  environment?: Record<string, Json> | null;
}

export interface RunsQuery {
  runs: number[];
}

export interface SeenBody {
  keys: number[];
}

export interface Selection {
  project: string;
  entity?: string;
  filters?: Record<string, Json> | string;
}

export interface ServerView {
  version: string;
  protocol: number;
  alive_ms: number;
  healthy_since: number;
  time_at: number;
  login_required?: boolean;
}

export interface SharedKey {
  key: string;
  kind: string;
  runs: number;
  objects: number;
  media: string;
}

export interface Silence {
  at: number;
  span_ms: number;
  runs: number[];
  sentence: string;
}

export interface SnoozeBody {
  keys: number[];
  for_ms?: number | null;
}

export interface SnoozedItem {
  run: RunView;
  kind: string;
  why: string;
  since: number;
  until: number | null;
}

export interface Spread {
  count: number;
  mean: number;
  sd: number | null;
  min: number;
  max: number;
}

export interface StopBody {
  reason?: string;
}

export interface StopView {
  by: string;
  reason: string;
  asked_at: number;
  acknowledged_at?: number | null;
}

export interface SweepAgentView {
  id: string;
  host: string;
  user: string;
  kind: string;
  state: string;
  created_at: number;
  heard_at: number;
  silent_ms: number | null;
  total_runs: number;
  runs: string[];
}

export interface SweepCheck {
  config: Json;
}

export interface SweepCreate {
  config: Record<string, Json> | string;
  name?: string;
  project?: string;
  entity?: string;
  id?: string;
  prior_runs?: string[];
}

export interface SweepDetail {
  sweep: SweepView;
  config: Record<string, Json>;
  parameters: Record<string, Json>[];
  agents: SweepAgentView[];
  turns?: TurnView[];
}

export interface SweepImportance {
  metric: string;
  trials: number;
  warning: string;
  parameters: ParameterShare[];
}

export interface SweepUpdate {
  name?: string | null;
  description?: string | null;
}

export interface SweepView {
  key: number;
  entity: string;
  project: string;
  id: string;
  name: string;
  description: string;
  user: string;
  method: string;
  metric: string;
  goal: string;
  target: number | null;
  status: string;
  since: number;
  sentence: string;
  created_at: number;
  made: number;
  planned: number | null;
  waiting: number;
  states: Record<string, number>;
  agents: number;
  agents_live: number;
  best: Best | null;
  warnings: string[];
  controls: Control[];
  version: number;
}

export interface TrialEnd {
  run: string;
  exit_code?: number | null;
  signal?: string | null;
  core_dumped?: boolean | null;
  oom?: boolean;
  memory_bytes?: number | null;
  memory_limit_bytes?: number | null;
  note?: string;
}

export interface TrialPage {
  trials: TrialView[];
  total: number;
}

export interface TrialView {
  number: number;
  run: number;
  run_id: string;
  name: string;
  args: Record<string, Json>;
  stage: string;
  agent: string;
  handouts: number;
  state: string;
  cause: string;
  sentence: string;
  value: number | null;
  best_so_far: number | null;
  created_at: number;
  ended_at?: number | null;
  prior?: boolean;
}

export interface TurnView {
  at: number;
  status: string;
  by: string;
  door: string;
  sentence: string;
}

export interface UserMade {
  user: UserView;
  api_key: string;
}

export interface UserUpdate {
  disabled?: boolean | null;
  admin?: boolean | null;
  password?: string | null;
  default_entity?: string | null;
  email?: string | null;
}

export interface UserView {
  name: string;
  admin?: boolean;
  disabled?: boolean;
  teams?: string[];
  default_entity?: string;
  email?: string;
}

export interface WindowQuery {
  runs: number[];
  keys: string[];
  x?: string;
  width?: number;
  x_min?: number | null;
  x_max?: number | null;
}
