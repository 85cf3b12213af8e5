// Code generated from proto/pdk.toml by proto/generate.py; DO NOT EDIT.

package table

// MinVersion is: the lowest protocol version.
const MinVersion = 1

// MaxVersion is: the highest protocol version.
const MaxVersion = 1

// Highest is: the highest number of a function.
const Highest = 235

// Features are those that an SDK can agree on.
var Features = []string{"fusion", "streams", "reads"}

// Phases are the names of the phases by number.
var Phases = [13]string{
	1:  "certificate",
	2:  "rewrite",
	3:  "access",
	4:  "response",
	5:  "log",
	6:  "preread",
	7:  "response_headers",
	8:  "request_body",
	9:  "response_body",
	10: "ws_handshake",
	11: "ws_client_frame",
	12: "ws_upstream_frame",
}

// LevelDebug is: log level `debug`.
const LevelDebug = 1

// LevelInfo is: log level `info`.
const LevelInfo = 2

// LevelNotice is: log level `notice`.
const LevelNotice = 3

// LevelWarn is: log level `warn`.
const LevelWarn = 4

// LevelErr is: log level `err`.
const LevelErr = 5

// LevelCrit is: log level `crit`.
const LevelCrit = 6

// LevelAlert is: log level `alert`.
const LevelAlert = 7

// OutcomeNext is: outcome `next` of DONE.
const OutcomeNext = 0

// OutcomeDone is: outcome `done` of DONE.
const OutcomeDone = 1

// OutcomeExit is: outcome `exit` of DONE.
const OutcomeExit = 2

// OutcomeErrorPage is: outcome `error_page` of DONE.
const OutcomeErrorPage = 3

// OutcomeFailed is: outcome `failed` of DONE.
const OutcomeFailed = 4

// MsgHello is: the type of HELLO.
const MsgHello = 1

// MsgWelcome is: the type of WELCOME.
const MsgWelcome = 2

// MsgPing is: the type of PING.
const MsgPing = 4

// MsgPong is: the type of PONG.
const MsgPong = 5

// MsgDrain is: the type of DRAIN.
const MsgDrain = 6

// MsgStart is: the type of START.
const MsgStart = 8

// MsgStarted is: the type of STARTED.
const MsgStarted = 9

// MsgClose is: the type of CLOSE.
const MsgClose = 10

// MsgEvent is: the type of EVENT.
const MsgEvent = 16

// MsgDone is: the type of DONE.
const MsgDone = 17

// MsgCancel is: the type of CANCEL.
const MsgCancel = 18

// MsgCall is: the type of CALL.
const MsgCall = 20

// MsgReply is: the type of REPLY.
const MsgReply = 21

// MsgLog is: the type of LOG.
const MsgLog = 24

// MsgChunk is: the type of CHUNK.
const MsgChunk = 28

// MsgWindow is: the type of WINDOW.
const MsgWindow = 29

// MaxFrameDefault is: a limit: bytes of one frame's value, unless the receiver said otherwise.
const MaxFrameDefault = 1048576

// MaxFrameMinimum is: a limit: bytes; no peer may ask for less.
const MaxFrameMinimum = 262144

// MaxHello is: a limit: bytes of the first frame to a server.
const MaxHello = 65536

// MaxWelcome is: a limit: bytes of the first frame to a host.
const MaxWelcome = 1048576

// HandshakeTimeout is: a limit: seconds for HELLO, and again for WELCOME.
const HandshakeTimeout = 5.0

// MaxDepth is: a limit: arrays and maps within each other, the message included.
const MaxDepth = 32

// MaxElements is: a limit: elements of a message.
const MaxElements = 15

// MaxId is: a limit: 2^53 - 1: ids, sizes, counters.
const MaxId = 9007199254740991

// MaxErrorCode is: a limit: bytes of an error code.
const MaxErrorCode = 32

// MaxChanges is: a limit: changes of one step.
const MaxChanges = 1000

// MaxCalls is: a limit: calls in flight per event.
const MaxCalls = 64

// MaxStarts is: a limit: STARTs without STARTED per connection.
const MaxStarts = 16

// MaxInstances is: a limit: instances per connection.
const MaxInstances = 1000

// MaxLogEvents is: a limit: log events in flight per connection.
const MaxLogEvents = 64

// MaxBudgetMs is: a limit: milliseconds; the smallest budget is 1.
const MaxBudgetMs = 2147483647

// DefaultBudgetMs is: a limit: milliseconds of a step.
const DefaultBudgetMs = 5000

// DefaultLogBudgetMs is: a limit: milliseconds of a step of the log phase.
const DefaultLogBudgetMs = 10000

// Window is: a limit: bytes of a stream that may be under way ungranted.
const Window = 262144

// MaxChunk is: a limit: bytes of data in one CHUNK.
const MaxChunk = 65536

// BlobThreshold is: a limit: bytes; a longer value travels as a blob.
const BlobThreshold = 65536

// FactsBudget is: a limit: bytes of facts per event.
const FactsBudget = 16384

// MaxHeadersBlock is: a limit: bytes; a longer block of headers is sent as single keys.
const MaxHeadersBlock = 8192

// MaxWholeShared is: a limit: bytes; a larger kong.ctx.shared is sent as single keys.
const MaxWholeShared = 1024

// MaxBodyFact is: a limit: bytes; a longer declared body is left out and called for.
const MaxBodyFact = 65536

// MaxLearnedKeys is: a limit: keys learned per plugin and phase.
const MaxLearnedKeys = 32

// MaxLearnedArguments is: a limit: bytes of a learned key's arguments.
const MaxLearnedArguments = 64

// ReportReadsEvery is: a limit: events: about one in so many asks for the keys read.
const ReportReadsEvery = 256

// DoneHoldMs is: a limit: milliseconds that a `next` may be held to be written with what follows.
const DoneHoldMs = 5

// LogGatherMs is: a limit: milliseconds that log events are gathered.
const LogGatherMs = 20

// LogRingEvents is: a limit: log events waiting per server; the oldest goes.
const LogRingEvents = 10000

// LogRingBytes is: a limit: bytes of facts of waiting log events per server.
const LogRingBytes = 16777216

// LogQueueLines is: a limit: LOG lines an SDK keeps; the oldest goes.
const LogQueueLines = 1000

// LogLinesPerSecond is: a limit: LOG lines a host takes per second and server.
const LogLinesPerSecond = 1000

// PingMs is: a limit: milliseconds of silence before a PING.
const PingMs = 5000

// PingsMissed is: a limit: silent intervals after which a peer is lost.
const PingsMissed = 3

// DrainGrace is: a limit: seconds for events to end after DRAIN.
const DrainGrace = 30.0

// StallTimeout is: a limit: seconds without progress of a write before DRAIN `stalled`.
const StallTimeout = 10.0

// StuckAfter is: a limit: seconds past CANCEL after which a member is to be replaced.
const StuckAfter = 30.0

// MaxUnsent is: a limit: bytes unsent above which a member gets no events.
const MaxUnsent = 4194304

// MaxQueueTime is: a limit: seconds an event waits for a credit; at most half its budget.
const MaxQueueTime = 1.0

// MaxTurnFrames is: a limit: frames of one connection handled per turn of the loop.
const MaxTurnFrames = 64

// MaxTurnBytes is: a limit: bytes of one connection handled per turn of the loop.
const MaxTurnBytes = 262144

// MaxBatch is: a limit: bytes of one gRPC Batch.
const MaxBatch = 1048576

// BatchFill is: a limit: bytes of queued messages gathered into one Batch.
const BatchFill = 65536

// HostFunctions is: a limit: first number of functions that a host defines.
const HostFunctions = 10000

// DefaultMaxHeaders is: a limit: lines that get_headers and arguments that get_query return when not told.
const DefaultMaxHeaders = 100

// DefaultFacts are sent with every event of a phase.
var DefaultFacts = map[int][]int{
	1:  {20, 22, 21, 23, 43, 7},
	2:  {40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2},
	3:  {40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6},
	4:  {40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6, 65, 67, 68},
	5:  {40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6, 65, 67, 68, 8, 9},
	6:  {20, 22, 21, 23, 43, 7, 1, 2},
	7:  {40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6, 65, 67, 68},
	8:  {40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6},
	9:  {40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6, 65, 67, 68},
	10: {40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6},
	11: {40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6},
	12: {40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6},
}

var functions = []Function{
	{Number: 1, Name: "kong.exchange.get_id", Kind: Fact, Phases: 0x1ffc},
	{Number: 2, Name: "kong.exchange.get_trace_context", Kind: Fact, Phases: 0x1ffc},
	{Number: 3, Name: "kong.exchange.get_route_id", Kind: Fact, Phases: 0x1fb8},
	{Number: 4, Name: "kong.exchange.get_service_id", Kind: Fact, Phases: 0x1fb8},
	{Number: 5, Name: "kong.exchange.get_consumer_id", Kind: Fact, Phases: 0x1fb8},
	{Number: 6, Name: "kong.exchange.get_credential_id", Kind: Fact, Phases: 0x1fb8},
	{Number: 7, Name: "kong.exchange.get_server_name", Kind: Fact, Phases: 0x1ffe, Unavailable: "TLS listeners are not supported yet"},
	{Number: 8, Name: "kong.exchange.get_latencies", Kind: Fact, Phases: 0x0020},
	{Number: 9, Name: "kong.exchange.get_sizes", Kind: Fact, Phases: 0x0020},
	{Number: 10, Name: "kong.exchange.get_shared", Kind: Fact, Phases: 0x1ffc, Internal: true},
	{Number: 11, Name: "kong.exchange.get_plugin_ctx", Kind: Fact, Phases: 0x1ffc, Args: []Arg{{Name: "instance", Type: Integer, HasMin: true, Min: 1}}, Internal: true},
	{Number: 18, Name: "kong.request.get_start_time", Kind: Fact, Phases: 0x1fbc},
	{Number: 19, Name: "kong.request.get_uri_captures", Kind: Fact, Phases: 0x1fbc},
	{Number: 20, Name: "kong.client.get_ip", Kind: Fact, Phases: 0x1ffe},
	{Number: 21, Name: "kong.client.get_forwarded_ip", Kind: Fact, Phases: 0x1ffe},
	{Number: 22, Name: "kong.client.get_port", Kind: Fact, Phases: 0x1ffe},
	{Number: 23, Name: "kong.client.get_forwarded_port", Kind: Fact, Phases: 0x1ffe},
	{Number: 24, Name: "kong.client.load_consumer", Kind: Call, Phases: 0x1fb8, Args: []Arg{{Name: "consumer_id", Type: String}, {Name: "search_by_username", Type: Boolean, Optional: true, Default: false}}},
	{Number: 25, Name: "kong.client.get_consumer", Kind: Fact, Phases: 0x1fb8},
	{Number: 26, Name: "kong.client.get_credential", Kind: Fact, Phases: 0x1fb8},
	{Number: 27, Name: "kong.client.authenticate", Kind: Change, Phases: 0x0008, Args: []Arg{{Name: "consumer", Type: Map, Optional: true}, {Name: "credential", Type: Map, Optional: true}}, Stales: []Stale{{Function: 25, Argument: -1}, {Function: 26, Argument: -1}, {Function: 5, Argument: -1}, {Function: 6, Argument: -1}, {Function: 30, Argument: -1}, {Function: 31, Argument: -1}, {Function: 134, Argument: -1}}, Replans: true},
	{Number: 28, Name: "kong.client.get_protocol", Kind: Fact, Phases: 0x1fb8, Args: []Arg{{Name: "allow_terminated", Type: Boolean, Optional: true, Default: false}}},
	{Number: 29, Name: "kong.client.authenticate_consumer_group_by_consumer_id", Kind: Change, Phases: 0x0008, Args: []Arg{{Name: "consumer_id", Type: String}}, Stales: []Stale{{Function: 30, Argument: -1}, {Function: 31, Argument: -1}}, Replans: true},
	{Number: 30, Name: "kong.client.get_consumer_group", Kind: Fact, Phases: 0x1fb8},
	{Number: 31, Name: "kong.client.get_consumer_groups", Kind: Fact, Phases: 0x1fb8},
	{Number: 32, Name: "kong.client.set_authenticated_consumer_group", Kind: Change, Phases: 0x0008, Args: []Arg{{Name: "group", Type: Map, Optional: true}}, Stales: []Stale{{Function: 30, Argument: -1}, {Function: 31, Argument: -1}}, Replans: true},
	{Number: 33, Name: "kong.client.set_authenticated_consumer_groups", Kind: Change, Phases: 0x0008, Args: []Arg{{Name: "groups", Type: Array, Optional: true}}, Stales: []Stale{{Function: 30, Argument: -1}, {Function: 31, Argument: -1}}, Replans: true},
	{Number: 40, Name: "kong.request.get_method", Kind: Fact, Phases: 0x1fbc},
	{Number: 41, Name: "kong.request.get_scheme", Kind: Fact, Phases: 0x1fbc},
	{Number: 42, Name: "kong.request.get_host", Kind: Fact, Phases: 0x1fbc},
	{Number: 43, Name: "kong.request.get_port", Kind: Fact, Phases: 0x1ffe},
	{Number: 44, Name: "kong.request.get_path", Kind: Fact, Phases: 0x1fbc},
	{Number: 45, Name: "kong.request.get_raw_path", Kind: Fact, Phases: 0x1fbc},
	{Number: 46, Name: "kong.request.get_path_with_query", Kind: Fact, Phases: 0x1fbc},
	{Number: 47, Name: "kong.request.get_raw_query", Kind: Fact, Phases: 0x1fbc},
	{Number: 48, Name: "kong.request.get_query_arg", Kind: Fact, Phases: 0x1fbc, Args: []Arg{{Name: "name", Type: Text}}, LookupIn: 49, Lookup: QueryArgLookup},
	{Number: 49, Name: "kong.request.get_query", Kind: Fact, Phases: 0x1fbc, Args: []Arg{{Name: "max_args", Type: Integer, Optional: true, HasMin: true, Min: 1, HasMax: true, Max: 1000}}},
	{Number: 50, Name: "kong.request.get_header", Kind: Fact, Phases: 0x1fbc, Args: []Arg{{Name: "name", Type: Text}}, LookupIn: 51, Lookup: HeaderLookup},
	{Number: 51, Name: "kong.request.get_headers", Kind: Fact, Phases: 0x1fbc, Args: []Arg{{Name: "max_headers", Type: Integer, Optional: true, HasMin: true, Min: 1, HasMax: true, Max: 1000}}, LookupIn: 51, Lookup: HeadersLookup},
	{Number: 52, Name: "kong.request.get_http_version", Kind: Fact, Phases: 0x1fbc},
	{Number: 53, Name: "kong.request.get_forwarded_scheme", Kind: Fact, Phases: 0x1fbc},
	{Number: 54, Name: "kong.request.get_forwarded_host", Kind: Fact, Phases: 0x1fbc},
	{Number: 55, Name: "kong.request.get_forwarded_port", Kind: Fact, Phases: 0x1fbc},
	{Number: 56, Name: "kong.request.get_forwarded_path", Kind: Fact, Phases: 0x1fbc},
	{Number: 57, Name: "kong.request.get_forwarded_prefix", Kind: Fact, Phases: 0x1fbc},
	{Number: 58, Name: "kong.request.get_raw_body", Kind: Fact, Phases: 0x001c, Args: []Arg{{Name: "max_allowed_file_size", Type: Integer, Optional: true}}},
	{Number: 59, Name: "kong.request.get_body", Kind: Fact, Phases: 0x001c, Args: []Arg{{Name: "mimetype", Type: String, Optional: true}, {Name: "max_args", Type: Integer, Optional: true, HasMin: true, Min: 1, HasMax: true, Max: 1000}, {Name: "max_allowed_file_size", Type: Integer, Optional: true}}},
	{Number: 60, Name: "kong.response.set_header", Kind: Change, Phases: 0x009c, Args: []Arg{{Name: "name", Type: Text}, {Name: "value", Type: HeaderValue}}, Stales: []Stale{{Function: 66, Argument: 0}, {Function: 67, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 61, Name: "kong.response.add_header", Kind: Change, Phases: 0x009c, Args: []Arg{{Name: "name", Type: Text}, {Name: "value", Type: HeaderValue}}, Stales: []Stale{{Function: 66, Argument: 0}, {Function: 67, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 62, Name: "kong.response.clear_header", Kind: Change, Phases: 0x009c, Args: []Arg{{Name: "name", Type: Text}}, Stales: []Stale{{Function: 66, Argument: 0}, {Function: 67, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 63, Name: "kong.response.set_headers", Kind: Change, Phases: 0x009c, Args: []Arg{{Name: "headers", Type: Headers}}, Stales: []Stale{{Function: 66, Argument: 0, Each: true}, {Function: 67, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 64, Name: "kong.response.set_status", Kind: Change, Phases: 0x009c, Args: []Arg{{Name: "status", Type: Integer, HasMin: true, Min: 100, HasMax: true, Max: 599}}, Stales: []Stale{{Function: 65, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 65, Name: "kong.response.get_status", Kind: Fact, Phases: 0x02b0},
	{Number: 66, Name: "kong.response.get_header", Kind: Fact, Phases: 0x02b0, Args: []Arg{{Name: "name", Type: Text}}, LookupIn: 67, Lookup: HeaderLookup},
	{Number: 67, Name: "kong.response.get_headers", Kind: Fact, Phases: 0x02b0, Args: []Arg{{Name: "max_headers", Type: Integer, Optional: true, HasMin: true, Min: 1, HasMax: true, Max: 1000}}, LookupIn: 67, Lookup: HeadersLookup},
	{Number: 68, Name: "kong.response.get_source", Kind: Fact, Phases: 0x02b0},
	{Number: 69, Name: "kong.response.exit", Kind: Outcome, Phases: 0x00dc, Args: []Arg{{Name: "status", Type: Integer, HasMin: true, Min: 100, HasMax: true, Max: 599}, {Name: "body", Type: Content, Optional: true}, {Name: "headers", Type: Headers, Optional: true}}, Outcome: OutcomeExit},
	{Number: 70, Name: "kong.response.error", Kind: Outcome, Phases: 0x009c, Args: []Arg{{Name: "status", Type: Integer, HasMin: true, Min: 400, HasMax: true, Max: 599}, {Name: "message", Type: Content, Optional: true}, {Name: "headers", Type: Headers, Optional: true}}, Outcome: OutcomeErrorPage},
	{Number: 71, Name: "kong.response.get_raw_body", Kind: Fact, Phases: 0x0010},
	{Number: 72, Name: "kong.response.set_raw_body", Kind: Change, Phases: 0x0010, Args: []Arg{{Name: "body", Type: Body}}, Stales: []Stale{{Function: 71, Argument: -1}, {Function: 66, Argument: -1, Literal: "content-length"}, {Function: 66, Argument: -1, Literal: "content-encoding"}, {Function: 66, Argument: -1, Literal: "transfer-encoding"}, {Function: 66, Argument: -1, Literal: "etag"}, {Function: 66, Argument: -1, Literal: "digest"}, {Function: 66, Argument: -1, Literal: "content-digest"}, {Function: 66, Argument: -1, Literal: "repr-digest"}, {Function: 66, Argument: -1, Literal: "content-md5"}, {Function: 67, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 80, Name: "kong.service.set_upstream", Kind: Call, Phases: 0x0008, Args: []Arg{{Name: "host", Type: String}}, Stales: []Stale{{Function: 134, Argument: -1}}},
	{Number: 81, Name: "kong.service.set_target", Kind: Change, Phases: 0x004c, Args: []Arg{{Name: "host", Type: String}, {Name: "port", Type: Integer, HasMin: true, Min: 0, HasMax: true, Max: 65535}}, Stales: []Stale{{Function: 134, Argument: -1}}},
	{Number: 82, Name: "kong.service.set_retries", Kind: Change, Phases: 0x0008, Args: []Arg{{Name: "retries", Type: Integer, HasMin: true, Min: 0, HasMax: true, Max: 32767}}},
	{Number: 83, Name: "kong.service.set_timeouts", Kind: Change, Phases: 0x0008, Args: []Arg{{Name: "connect_timeout", Type: Integer, HasMin: true, Min: 1, HasMax: true, Max: 2147483646}, {Name: "write_timeout", Type: Integer, HasMin: true, Min: 1, HasMax: true, Max: 2147483646}, {Name: "read_timeout", Type: Integer, HasMin: true, Min: 1, HasMax: true, Max: 2147483646}}},
	{Number: 84, Name: "kong.service.set_tls_verify", Kind: Call, Phases: 0x004c, Args: []Arg{{Name: "on", Type: Boolean}}},
	{Number: 85, Name: "kong.service.set_tls_verify_depth", Kind: Call, Phases: 0x004c, Args: []Arg{{Name: "depth", Type: Integer, HasMin: true, Min: 0, HasMax: true, Max: 64}}},
	{Number: 90, Name: "kong.service.request.set_header", Kind: Change, Phases: 0x000c, Args: []Arg{{Name: "name", Type: Text}, {Name: "value", Type: HeaderValue}}, Stales: []Stale{{Function: 50, Argument: 0}, {Function: 28, Argument: 0, Only: []string{"x-forwarded-proto"}}, {Function: 42, Argument: 0, Only: []string{"host"}}, {Function: 53, Argument: 0, Only: []string{"x-forwarded-proto"}}, {Function: 54, Argument: 0, Only: []string{"x-forwarded-host", "host"}}, {Function: 55, Argument: 0, Only: []string{"x-forwarded-port", "x-forwarded-host"}}, {Function: 56, Argument: 0, Only: []string{"x-forwarded-path"}}, {Function: 57, Argument: 0, Only: []string{"x-forwarded-prefix"}}, {Function: 59, Argument: 0, Only: []string{"content-type"}}, {Function: 51, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 91, Name: "kong.service.request.add_header", Kind: Change, Phases: 0x000c, Args: []Arg{{Name: "name", Type: Text}, {Name: "value", Type: HeaderValue}}, Stales: []Stale{{Function: 50, Argument: 0}, {Function: 28, Argument: 0, Only: []string{"x-forwarded-proto"}}, {Function: 42, Argument: 0, Only: []string{"host"}}, {Function: 53, Argument: 0, Only: []string{"x-forwarded-proto"}}, {Function: 54, Argument: 0, Only: []string{"x-forwarded-host", "host"}}, {Function: 55, Argument: 0, Only: []string{"x-forwarded-port", "x-forwarded-host"}}, {Function: 56, Argument: 0, Only: []string{"x-forwarded-path"}}, {Function: 57, Argument: 0, Only: []string{"x-forwarded-prefix"}}, {Function: 59, Argument: 0, Only: []string{"content-type"}}, {Function: 51, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 92, Name: "kong.service.request.clear_header", Kind: Change, Phases: 0x000c, Args: []Arg{{Name: "name", Type: Text}}, Stales: []Stale{{Function: 50, Argument: 0}, {Function: 28, Argument: 0, Only: []string{"x-forwarded-proto"}}, {Function: 42, Argument: 0, Only: []string{"host"}}, {Function: 53, Argument: 0, Only: []string{"x-forwarded-proto"}}, {Function: 54, Argument: 0, Only: []string{"x-forwarded-host", "host"}}, {Function: 55, Argument: 0, Only: []string{"x-forwarded-port", "x-forwarded-host"}}, {Function: 56, Argument: 0, Only: []string{"x-forwarded-path"}}, {Function: 57, Argument: 0, Only: []string{"x-forwarded-prefix"}}, {Function: 59, Argument: 0, Only: []string{"content-type"}}, {Function: 51, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 93, Name: "kong.service.request.set_headers", Kind: Change, Phases: 0x000c, Args: []Arg{{Name: "headers", Type: Headers}}, Stales: []Stale{{Function: 50, Argument: 0, Each: true}, {Function: 28, Argument: 0, Each: true, Only: []string{"x-forwarded-proto"}}, {Function: 42, Argument: 0, Each: true, Only: []string{"host"}}, {Function: 53, Argument: 0, Each: true, Only: []string{"x-forwarded-proto"}}, {Function: 54, Argument: 0, Each: true, Only: []string{"x-forwarded-host", "host"}}, {Function: 55, Argument: 0, Each: true, Only: []string{"x-forwarded-port", "x-forwarded-host"}}, {Function: 56, Argument: 0, Each: true, Only: []string{"x-forwarded-path"}}, {Function: 57, Argument: 0, Each: true, Only: []string{"x-forwarded-prefix"}}, {Function: 59, Argument: 0, Each: true, Only: []string{"content-type"}}, {Function: 51, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 94, Name: "kong.service.request.set_method", Kind: Change, Phases: 0x000c, Args: []Arg{{Name: "method", Type: String, OneOf: []string{"GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "MKCOL", "COPY", "MOVE", "PROPFIND", "PROPPATCH", "LOCK", "UNLOCK", "PATCH", "TRACE"}}}, Stales: []Stale{{Function: 40, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 95, Name: "kong.service.request.set_path", Kind: Change, Phases: 0x000c, Args: []Arg{{Name: "path", Type: Text, Prefix: "/"}}, Stales: []Stale{{Function: 134, Argument: -1}}},
	{Number: 96, Name: "kong.service.request.set_scheme", Kind: Change, Phases: 0x000c, Args: []Arg{{Name: "scheme", Type: String, OneOf: []string{"http", "https"}}}, Stales: []Stale{{Function: 134, Argument: -1}}},
	{Number: 97, Name: "kong.service.request.set_raw_query", Kind: Change, Phases: 0x000c, Args: []Arg{{Name: "query", Type: Text}}, Stales: []Stale{{Function: 47, Argument: -1}, {Function: 49, Argument: -1}, {Function: 48, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 98, Name: "kong.service.request.set_query", Kind: Change, Phases: 0x000c, Args: []Arg{{Name: "args", Type: Map}}, Stales: []Stale{{Function: 47, Argument: -1}, {Function: 49, Argument: -1}, {Function: 48, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 99, Name: "kong.service.request.clear_query_arg", Kind: Change, Phases: 0x000c, Args: []Arg{{Name: "name", Type: Text}}, Stales: []Stale{{Function: 47, Argument: -1}, {Function: 49, Argument: -1}, {Function: 48, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 100, Name: "kong.service.request.set_raw_body", Kind: Change, Phases: 0x000c, Args: []Arg{{Name: "body", Type: Body}}, Stales: []Stale{{Function: 58, Argument: -1}, {Function: 59, Argument: -1}, {Function: 50, Argument: -1, Literal: "content-length"}, {Function: 50, Argument: -1, Literal: "transfer-encoding"}, {Function: 51, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 101, Name: "kong.service.request.set_body", Kind: Call, Phases: 0x000c, Args: []Arg{{Name: "args", Type: Map}, {Name: "mimetype", Type: String, Optional: true}}, Stales: []Stale{{Function: 58, Argument: -1}, {Function: 59, Argument: -1}, {Function: 50, Argument: -1, Literal: "content-type"}, {Function: 59, Argument: -1, Literal: "content-type", Only: []string{"content-type"}}, {Function: 50, Argument: -1, Literal: "content-length"}, {Function: 50, Argument: -1, Literal: "transfer-encoding"}, {Function: 51, Argument: -1}, {Function: 134, Argument: -1}}},
	{Number: 102, Name: "kong.service.request.enable_buffering", Kind: Change, Phases: 0x000c},
	{Number: 103, Name: "kong.service.request.disable_tls", Kind: Call, Phases: 0x0040, Unavailable: "TCP and TLS streams are not supported yet"},
	{Number: 104, Name: "kong.service.request.enable_tls", Kind: Call, Phases: 0x0040, Unavailable: "TCP and TLS streams are not supported yet"},
	{Number: 110, Name: "kong.service.response.get_status", Kind: Fact, Phases: 0x02b0},
	{Number: 111, Name: "kong.service.response.get_header", Kind: Fact, Phases: 0x02b0, Args: []Arg{{Name: "name", Type: Text}}, LookupIn: 112, Lookup: HeaderLookup},
	{Number: 112, Name: "kong.service.response.get_headers", Kind: Fact, Phases: 0x02b0, Args: []Arg{{Name: "max_headers", Type: Integer, Optional: true, HasMin: true, Min: 1, HasMax: true, Max: 1000}}, LookupIn: 112, Lookup: HeadersLookup},
	{Number: 113, Name: "kong.service.response.get_raw_body", Kind: Fact, Phases: 0x02b0},
	{Number: 114, Name: "kong.service.response.get_body", Kind: Fact, Phases: 0x02b0, Args: []Arg{{Name: "mimetype", Type: String, Optional: true}, {Name: "max_args", Type: Integer, Optional: true, HasMin: true, Min: 1, HasMax: true, Max: 1000}}},
	{Number: 120, Name: "kong.router.get_route", Kind: Fact, Phases: 0x1fb8},
	{Number: 121, Name: "kong.router.get_service", Kind: Fact, Phases: 0x1fb8},
	{Number: 125, Name: "kong.ctx.shared.get", Kind: Fact, Phases: 0x1ffc, Args: []Arg{{Name: "key", Type: String}}, LookupIn: 10, Lookup: SharedKeyLookup},
	{Number: 126, Name: "kong.ctx.shared.set", Kind: Change, Phases: 0x1ffc, Args: []Arg{{Name: "key", Type: String}, {Name: "value", Type: Any, Optional: true}}, Write: &Write{125, 0, 1}},
	{Number: 127, Name: "kong.ctx.plugin.get", Kind: Fact, Phases: 0x1ffc, Args: []Arg{{Name: "key", Type: String}}, LookupIn: 11, Lookup: PluginKeyLookup},
	{Number: 128, Name: "kong.ctx.plugin.set", Kind: Change, Phases: 0x1ffc, Args: []Arg{{Name: "key", Type: String}, {Name: "value", Type: Any, Optional: true}}, Write: &Write{127, 0, 1}},
	{Number: 130, Name: "kong.ip.is_trusted", Kind: Fact, Phases: 0x1ffe, Args: []Arg{{Name: "address", Type: String}}},
	{Number: 131, Name: "kong.node.get_id", Kind: Fact, Phases: 0x1ffe},
	{Number: 132, Name: "kong.node.get_hostname", Kind: Fact, Phases: 0x1ffe},
	{Number: 133, Name: "kong.node.get_memory_stats", Kind: Call, Phases: 0x1ffe, Args: []Arg{{Name: "unit", Type: String, Optional: true, Default: "b", OneOf: []string{"b", "k", "m", "g", "B", "K", "M", "G"}}, {Name: "scale", Type: Integer, Optional: true, Default: int64(2), HasMin: true, Min: 0}}},
	{Number: 134, Name: "kong.nginx.get_var", Kind: Fact, Phases: 0x1ffc, Args: []Arg{{Name: "name", Type: String}}},
	{Number: 135, Name: "kong.nginx.get_tls1_version_str", Kind: Fact, Phases: 0x1ffe},
	{Number: 136, Name: "kong.nginx.get_ctx", Kind: Fact, Phases: 0x1ffc, Args: []Arg{{Name: "key", Type: String}}},
	{Number: 137, Name: "kong.nginx.set_ctx", Kind: Change, Phases: 0x1ffc, Args: []Arg{{Name: "key", Type: String}, {Name: "value", Type: Any, Optional: true}}, Write: &Write{136, 0, 1}},
	{Number: 138, Name: "kong.nginx.req_start_time", Kind: Fact, Phases: 0x1ffc},
	{Number: 139, Name: "kong.nginx.get_subsystem", Kind: Fact, Phases: 0x1ffe},
	{Number: 140, Name: "kong.nginx.get_statistics", Kind: Call, Phases: 0x1ffe},
	{Number: 141, Name: "kong.cluster.get_id", Kind: Fact, Phases: 0x1ffe},
	{Number: 142, Name: "kong.plugin.get_id", Kind: Call, Phases: 0x1ffe},
	{Number: 150, Name: "kong.vault.get", Kind: Call, Phases: 0x1ffe, Args: []Arg{{Name: "reference", Type: String}}},
	{Number: 151, Name: "kong.vault.is_reference", Kind: Call, Phases: 0x1ffe, Args: []Arg{{Name: "reference", Type: String}}},
	{Number: 152, Name: "kong.vault.parse_reference", Kind: Call, Phases: 0x1ffe, Args: []Arg{{Name: "reference", Type: String}}},
	{Number: 153, Name: "kong.vault.update", Kind: Call, Phases: 0x1ffe, Args: []Arg{{Name: "options", Type: Map}}},
	{Number: 154, Name: "kong.vault.flush", Kind: Call, Phases: 0x1ffe},
	{Number: 160, Name: "kong.log", Kind: Log, Phases: 0x1ffe, Args: []Arg{{Name: "values", Type: Any, Variadic: true}}, Level: LevelNotice},
	{Number: 161, Name: "kong.log.debug", Kind: Log, Phases: 0x1ffe, Args: []Arg{{Name: "values", Type: Any, Variadic: true}}, Level: LevelDebug},
	{Number: 162, Name: "kong.log.info", Kind: Log, Phases: 0x1ffe, Args: []Arg{{Name: "values", Type: Any, Variadic: true}}, Level: LevelInfo},
	{Number: 163, Name: "kong.log.notice", Kind: Log, Phases: 0x1ffe, Args: []Arg{{Name: "values", Type: Any, Variadic: true}}, Level: LevelNotice},
	{Number: 164, Name: "kong.log.warn", Kind: Log, Phases: 0x1ffe, Args: []Arg{{Name: "values", Type: Any, Variadic: true}}, Level: LevelWarn},
	{Number: 165, Name: "kong.log.err", Kind: Log, Phases: 0x1ffe, Args: []Arg{{Name: "values", Type: Any, Variadic: true}}, Level: LevelErr},
	{Number: 166, Name: "kong.log.crit", Kind: Log, Phases: 0x1ffe, Args: []Arg{{Name: "values", Type: Any, Variadic: true}}, Level: LevelCrit},
	{Number: 167, Name: "kong.log.alert", Kind: Log, Phases: 0x1ffe, Args: []Arg{{Name: "values", Type: Any, Variadic: true}}, Level: LevelAlert},
	{Number: 168, Name: "kong.log.deprecation", Kind: Log, Phases: 0x1ffe, Args: []Arg{{Name: "values", Type: Any, Variadic: true}}, Level: LevelWarn},
	{Number: 169, Name: "kong.log.inspect", Kind: Log, Phases: 0x1ffe, Args: []Arg{{Name: "values", Type: Any, Variadic: true}}, Level: LevelNotice},
	{Number: 170, Name: "kong.log.serialize", Kind: Fact, Phases: 0x0020},
	{Number: 171, Name: "kong.log.set_serialize_value", Kind: Change, Phases: 0x02bc, Args: []Arg{{Name: "key", Type: String}, {Name: "value", Type: Any, Optional: true}, {Name: "mode", Type: String, Optional: true, Default: "set", OneOf: []string{"set", "add", "replace"}}}, Stales: []Stale{{Function: 170, Argument: -1}}},
	{Number: 180, Name: "kong.client.tls.request_client_certificate", Kind: Call, Phases: 0x0002, Unavailable: "TLS listeners are not supported yet"},
	{Number: 181, Name: "kong.client.tls.disable_session_reuse", Kind: Call, Phases: 0x0002, Unavailable: "TLS listeners are not supported yet"},
	{Number: 182, Name: "kong.client.tls.get_full_client_certificate_chain", Kind: Fact, Phases: 0x003c, Unavailable: "TLS listeners are not supported yet"},
	{Number: 183, Name: "kong.client.tls.set_client_verify", Kind: Change, Phases: 0x001c, Args: []Arg{{Name: "value", Type: String}}, Unavailable: "TLS listeners are not supported yet"},
	{Number: 190, Name: "kong.telemetry.log", Kind: Call, Phases: 0x1ffc, Args: []Arg{{Name: "plugin_name", Type: String}, {Name: "plugin_config", Type: Map}, {Name: "message_type", Type: String}, {Name: "message", Type: Any}, {Name: "attributes", Type: Map, Optional: true}}},
	{Number: 200, Name: "kong.tracing.active_span", Kind: Call, Phases: 0x1fbc, Unavailable: "tracing is not supported yet"},
	{Number: 201, Name: "kong.tracing.set_active_span", Kind: Call, Phases: 0x1fbc, Args: []Arg{{Name: "span", Type: Map}}, Unavailable: "tracing is not supported yet"},
	{Number: 202, Name: "kong.tracing.start_span", Kind: Call, Phases: 0x1fbc, Args: []Arg{{Name: "name", Type: String}, {Name: "options", Type: Map, Optional: true}}, Unavailable: "tracing is not supported yet"},
	{Number: 203, Name: "kong.tracing.create_span", Kind: Call, Phases: 0x1fbc, Args: []Arg{{Name: "name", Type: String}, {Name: "options", Type: Map, Optional: true}}, Unavailable: "tracing is not supported yet"},
	{Number: 204, Name: "kong.tracing.set_should_sample", Kind: Call, Phases: 0x1fbc, Args: []Arg{{Name: "should_sample", Type: Boolean}}, Unavailable: "tracing is not supported yet"},
	{Number: 205, Name: "kong.tracing.get_sampling_decision", Kind: Call, Phases: 0x1fbc, Args: []Arg{{Name: "parent_should_sample", Type: Boolean, Optional: true}, {Name: "sampling_rate", Type: Number, Optional: true, HasMin: true, Min: 0, HasMax: true, Max: 1}}, Unavailable: "tracing is not supported yet"},
	{Number: 210, Name: "kong.enterprise_edition.jwe.decode", Kind: Call, Phases: 0x1ffe, Args: []Arg{{Name: "token", Type: String}}, Unavailable: "JSON Web Encryption is not supported yet"},
	{Number: 211, Name: "kong.enterprise_edition.jwe.decrypt", Kind: Call, Phases: 0x1ffe, Args: []Arg{{Name: "key", Type: Any}, {Name: "token", Type: String}}, Unavailable: "JSON Web Encryption is not supported yet"},
	{Number: 212, Name: "kong.enterprise_edition.jwe.encrypt", Kind: Call, Phases: 0x1ffe, Args: []Arg{{Name: "alg", Type: String}, {Name: "enc", Type: String}, {Name: "key", Type: Any}, {Name: "plaintext", Type: Text}, {Name: "options", Type: Map, Optional: true}}, Unavailable: "JSON Web Encryption is not supported yet"},
	{Number: 220, Name: "kong.websocket.client.get_frame", Kind: Fact, Phases: 0x0800, Unavailable: "WebSocket is not supported yet"},
	{Number: 221, Name: "kong.websocket.client.set_frame_data", Kind: Change, Phases: 0x0800, Args: []Arg{{Name: "data", Type: Body}}, Stales: []Stale{{Function: 220, Argument: -1}}, Unavailable: "WebSocket is not supported yet"},
	{Number: 222, Name: "kong.websocket.client.set_status", Kind: Change, Phases: 0x0800, Args: []Arg{{Name: "status", Type: Integer, HasMin: true, Min: 1000, HasMax: true, Max: 4999}}, Stales: []Stale{{Function: 220, Argument: -1}}, Unavailable: "WebSocket is not supported yet"},
	{Number: 223, Name: "kong.websocket.client.drop_frame", Kind: Change, Phases: 0x0800, Unavailable: "WebSocket is not supported yet"},
	{Number: 224, Name: "kong.websocket.client.close", Kind: Change, Phases: 0x0800, Args: []Arg{{Name: "status", Type: Integer, Optional: true, HasMin: true, Min: 1000, HasMax: true, Max: 4999}, {Name: "message", Type: Text, Optional: true}, {Name: "upstream_status", Type: Integer, Optional: true, HasMin: true, Min: 1000, HasMax: true, Max: 4999}, {Name: "upstream_payload", Type: Text, Optional: true}}, Unavailable: "WebSocket is not supported yet"},
	{Number: 225, Name: "kong.websocket.client.set_max_payload_size", Kind: Change, Phases: 0x0400, Args: []Arg{{Name: "size", Type: Integer, HasMin: true, Min: 1, HasMax: true, Max: 33554432}}, Unavailable: "WebSocket is not supported yet"},
	{Number: 230, Name: "kong.websocket.upstream.get_frame", Kind: Fact, Phases: 0x1000, Unavailable: "WebSocket is not supported yet"},
	{Number: 231, Name: "kong.websocket.upstream.set_frame_data", Kind: Change, Phases: 0x1000, Args: []Arg{{Name: "data", Type: Body}}, Stales: []Stale{{Function: 230, Argument: -1}}, Unavailable: "WebSocket is not supported yet"},
	{Number: 232, Name: "kong.websocket.upstream.set_status", Kind: Change, Phases: 0x1000, Args: []Arg{{Name: "status", Type: Integer, HasMin: true, Min: 1000, HasMax: true, Max: 4999}}, Stales: []Stale{{Function: 230, Argument: -1}}, Unavailable: "WebSocket is not supported yet"},
	{Number: 233, Name: "kong.websocket.upstream.drop_frame", Kind: Change, Phases: 0x1000, Unavailable: "WebSocket is not supported yet"},
	{Number: 234, Name: "kong.websocket.upstream.close", Kind: Change, Phases: 0x1000, Args: []Arg{{Name: "status", Type: Integer, Optional: true, HasMin: true, Min: 1000, HasMax: true, Max: 4999}, {Name: "message", Type: Text, Optional: true}, {Name: "client_status", Type: Integer, Optional: true, HasMin: true, Min: 1000, HasMax: true, Max: 4999}, {Name: "client_payload", Type: Text, Optional: true}}, Unavailable: "WebSocket is not supported yet"},
	{Number: 235, Name: "kong.websocket.upstream.set_max_payload_size", Kind: Change, Phases: 0x0400, Args: []Arg{{Name: "size", Type: Integer, HasMin: true, Min: 1, HasMax: true, Max: 33554432}}, Unavailable: "WebSocket is not supported yet"},
}
