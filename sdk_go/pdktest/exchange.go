package pdktest

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	pdk "github.com/oarlock/oarlock/sdk_go"
	"github.com/oarlock/oarlock/sdk_go/internal/bridge"
	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

// Headers are values by name.
type Headers map[string][]string

// Request is what the client sent. Fields that are empty have usual values.
type Request struct {
	Method     string // GET
	Path       string // /
	Query      string // without question mark
	Headers    Headers
	Body       []byte
	Scheme     string // http
	Host       string // localhost
	Port       int    // 8000
	ClientIP   string // 127.0.0.1
	ClientPort int    // 50000
}

// Response is what came from upstream.
type Response struct {
	Status  int // 200
	Headers Headers
	Body    []byte
}

// Answer is the result of a PDK function for given arguments.
type Answer func(args []any) (any, error)

// Exchange is one request on its way: what the client sent, what came from upstream, and what plugins made of both.
// Real gateways normalise and check more: this is for the logic of a plugin, not for HTTP.
type Exchange struct {
	// Upstream is what came from upstream; set it before the phases that read it.
	Upstream Response
	// Answers are results of PDK functions, by their names in the PDK's table (kong.client.load_consumer), for those
	// that this package knows nothing of. A value is given as it is, an [Answer] is called.
	Answers map[string]any
	// WithoutFacts has the handler ask for everything: it must do the same.
	WithoutFacts bool

	request Request
	changed
}

// changed is what changes can change.
type changed struct {
	method, path, query string
	body                []byte
	headers             lines // towards upstream
	status              int
	response            lines // towards the client
	responseBody        []byte
	hasResponse         bool
	shared, own         map[string]any
	consumer            any
	credential          any
}

type lines [][2]string // names in lower case

// New returns an exchange at its beginning.
func New(request Request) *Exchange {
	setDefault(&request.Method, "GET")
	setDefault(&request.Path, "/")
	setDefault(&request.Scheme, "http")
	setDefault(&request.Host, "localhost")
	setDefault(&request.Port, 8000)
	setDefault(&request.ClientIP, "127.0.0.1")
	setDefault(&request.ClientPort, 50000)
	return &Exchange{
		request: request,
		changed: changed{
			method:  request.Method,
			path:    request.Path,
			query:   request.Query,
			body:    request.Body,
			headers: append(lines{{"host", request.Host}}, linesOf(request.Headers)...),
			shared:  map[string]any{},
			own:     map[string]any{},
		},
	}
}

func setDefault[T comparable](field *T, value T) {
	if *field == *new(T) {
		*field = value
	}
}

// Method, Path and Query are what is sent upstream.
func (x *Exchange) Method() string { return x.method }

// Path is the path that is sent upstream.
func (x *Exchange) Path() string { return x.path }

// Query is the query that is sent upstream.
func (x *Exchange) Query() string { return x.query }

// Body is the body that is sent upstream.
func (x *Exchange) Body() []byte { return x.body }

// RequestHeader returns the first value of a header that is sent upstream, "" if there is none.
func (x *Exchange) RequestHeader(name string) string { return x.headers.first(name) }

// RequestHeaders returns the headers that are sent upstream, by lower-case name.
func (x *Exchange) RequestHeaders() Headers { return x.headers.byName() }

// Status is the status that the client gets.
func (x *Exchange) Status() int {
	x.receive()
	return x.status
}

// ResponseHeader returns the first value of a header that the client gets, "" if there is none.
func (x *Exchange) ResponseHeader(name string) string {
	x.receive()
	return x.response.first(name)
}

// ResponseHeaders returns the headers that the client gets, by lower-case name.
func (x *Exchange) ResponseHeaders() Headers {
	x.receive()
	return x.response.byName()
}

// ResponseBody is the body that the client gets.
func (x *Exchange) ResponseBody() []byte {
	x.receive()
	return x.responseBody
}

// receive takes Upstream for the response, when it is first looked at.
func (x *Exchange) receive() {
	if x.hasResponse {
		return
	}
	x.hasResponse = true
	setDefault(&x.Upstream.Status, 200)
	setDefault(&x.status, x.Upstream.Status)
	early := x.response
	x.response = linesOf(x.Upstream.Headers)
	x.response = append(x.response, early...) // set before there was a response: added to it
	x.responseBody = x.Upstream.Body
}

func (x *Exchange) save() changed {
	saved := x.changed
	saved.headers, saved.response = slices.Clone(x.headers), slices.Clone(x.response)
	saved.shared, saved.own = maps.Clone(x.shared), maps.Clone(x.own)
	return saved
}

func (x *Exchange) restore(saved changed) { x.changed = saved }

// facts returns what a gateway sends along by default, as the segments of an EVENT.
func (x *Exchange) facts(phase int) []byte {
	segment := []byte{}
	n := 0
	for _, number := range table.DefaultFacts[phase] {
		value, err := x.answer(Call{Name: table.ByNumber(number).Name})
		if err != nil {
			continue // not known here: the handler will ask
		}
		raw, err := bridge.AppendValue(msgpack.AppendInt(segment, int64(number)), value)
		if err == nil {
			segment = raw
			n += 2
		}
	}
	return append(msgpack.AppendArray(msgpack.AppendArray(nil, 1), n), segment...)
}

// answer returns the result of a PDK function, as the wire has it.
func (x *Exchange) answer(call Call) (any, error) {
	if given, ok := x.Answers[call.Name]; ok {
		switch answer := given.(type) {
		case Answer:
			return answer(call.Args)
		case func([]any) (any, error):
			return answer(call.Args)
		}
		return given, nil
	}
	if get, ok := getters[call.Name]; ok {
		return get(x, append(call.Args, nil, nil)), nil
	}
	hint := fmt.Sprintf("the test kit has no answer to %s%v; give one in Answers[%q]", call.Name, call.Args, call.Name)
	return nil, &pdk.Error{Code: "unsupported", Text: hint}
}

// change executes a change. Those that only the gateway itself sees are accepted and do nothing.
func (x *Exchange) change(call Call) error {
	if do, ok := changes[call.Name]; ok {
		return do(x, append(call.Args, nil, nil))
	}
	return nil
}

func linesOf(headers Headers) lines {
	var all lines
	names := make([]string, 0, len(headers))
	for name := range headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range headers[name] {
			all = append(all, [2]string{strings.ToLower(name), value})
		}
	}
	return all
}

func (l lines) first(name string) string {
	value, _ := l.find(name)
	return value
}

func (l lines) find(name string) (string, bool) {
	name = strings.ToLower(name)
	for _, wanted := range []string{name, strings.ReplaceAll(name, "_", "-")} {
		for _, line := range l {
			if line[0] == wanted {
				return line[1], true
			}
		}
	}
	return "", false
}

func (l lines) byName() Headers {
	headers := Headers{}
	for _, line := range l {
		headers[line[0]] = append(headers[line[0]], line[1])
	}
	return headers
}

// block returns headers as they are read: one text.
func (l lines) block() string {
	parts := make([]string, 0, 2*len(l))
	for _, line := range l {
		parts = append(parts, line[0], line[1])
	}
	return strings.Join(parts, "\n")
}

func (l lines) without(name string) lines {
	return slices.DeleteFunc(slices.Clone(l), func(line [2]string) bool { return line[0] == strings.ToLower(name) })
}

func (l lines) with(name string, values []string) lines {
	for _, value := range values {
		l = append(l, [2]string{strings.ToLower(name), value})
	}
	return l
}

// written returns the lines that a header's value becomes.
func written(value any) []string {
	if list, ok := value.([]any); ok {
		var values []string
		for _, item := range list {
			values = append(values, written(item)...)
		}
		return values
	}
	return []string{textOf(value)}
}

func textOf(value any) string {
	if b, ok := value.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(value)
}

// pairsOf returns a query's arguments as the wire has them.
func pairsOf(query string) []any {
	flat := []any{}
	for _, part := range strings.FieldsFunc(query, func(c rune) bool { return c == '&' }) {
		name, value, hasValue := strings.Cut(part, "=")
		flat = append(flat, unescape(name))
		if hasValue {
			flat = append(flat, unescape(value))
		} else {
			flat = append(flat, true)
		}
	}
	return flat
}

func unescape(text string) string {
	if decoded, err := url.QueryUnescape(text); err == nil {
		return decoded
	}
	return text
}
