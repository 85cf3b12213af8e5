// Code generated from proto/pdk.toml by proto/generate.py; DO NOT EDIT.

package pdk

import (
	"github.com/oarlock/oarlock/sdk_go/entities"
	"github.com/oarlock/oarlock/sdk_go/internal/bridge"
)

// PDK is what a handler sees of its request: a field for each part of the plugin development kit.
type PDK struct {
	step              *bridge.Step
	Client            Client
	ClientTLS         ClientTLS
	Cluster           Cluster
	Ctx               Ctx
	Exchange          Exchange
	IP                IP
	JWE               JWE
	Log               Log
	Nginx             Nginx
	Node              Node
	Plugin            Plugin
	Request           Request
	Response          Response
	Router            Router
	Service           Service
	ServiceRequest    ServiceRequest
	ServiceResponse   ServiceResponse
	Telemetry         Telemetry
	Tracing           Tracing
	Vault             Vault
	WebsocketClient   WebsocketClient
	WebsocketUpstream WebsocketUpstream
}

// New returns the PDK of one step of an event. Handlers are given theirs; nobody else needs one.
func New(step *bridge.Step) *PDK {
	return &PDK{
		step:              step,
		Client:            Client{step},
		ClientTLS:         ClientTLS{step},
		Cluster:           Cluster{step},
		Ctx:               Ctx{step},
		Exchange:          Exchange{step},
		IP:                IP{step},
		JWE:               JWE{step},
		Log:               Log{step},
		Nginx:             Nginx{step},
		Node:              Node{step},
		Plugin:            Plugin{step},
		Request:           Request{step},
		Response:          Response{step},
		Router:            Router{step},
		Service:           Service{step},
		ServiceRequest:    ServiceRequest{step},
		ServiceResponse:   ServiceResponse{step},
		Telemetry:         Telemetry{step},
		Tracing:           Tracing{step},
		Vault:             Vault{step},
		WebsocketClient:   WebsocketClient{step},
		WebsocketUpstream: WebsocketUpstream{step},
	}
}

// Client is `kong.client`: the client: its address, and who it is.
type Client struct{ step *bridge.Step }

// GetIp: return the address of the peer that is connected, never a forwarded one.
func (r Client) GetIp() (string, error) {
	return r.step.Text(20)
}

// GetForwardedIp: return the client's address after the real-ip rules: what a trusted peer says it is.
func (r Client) GetForwardedIp() (string, error) {
	return r.step.Text(21)
}

// GetPort: return the port of the peer that is connected.
func (r Client) GetPort() (int, error) {
	return r.step.Int(22)
}

// GetForwardedPort: return the client's port after the real-ip rules, or nil if a trusted peer named an address
// without one.
func (r Client) GetForwardedPort() (int, error) {
	return r.step.Int(23)
}

// LookupForwardedPort: return the client's port after the real-ip rules, or nil if a trusted peer named an
// address without one. The second result is false if there is none.
func (r Client) LookupForwardedPort() (int, bool, error) {
	return r.step.LookupInt(23)
}

// LoadConsumer: load a consumer by id, or with `search_by_username` by name as well, and return it, or nil.
// Without one, its Id is empty.
//
// Phases: all but certificate, rewrite, preread.
func (r Client) LoadConsumer(consumerId string, searchByUsername bool) (entities.Consumer, error) {
	values, err := r.step.Map(24, consumerId, searchByUsername)
	return consumerOf(values), err
}

// LoadConsumerAny: load a consumer by id, or with `search_by_username` by name as well, and return it, or nil.
// It has all fields that the gateway knows; nil if there is none.
//
// Phases: all but certificate, rewrite, preread.
func (r Client) LoadConsumerAny(consumerId string, searchByUsername bool) (map[string]any, error) {
	return r.step.Map(24, consumerId, searchByUsername)
}

// GetConsumer: return the authenticated consumer, or nil. Without one, its Id is empty.
//
// Phases: all but certificate, rewrite, preread.
func (r Client) GetConsumer() (entities.Consumer, error) {
	values, err := r.step.Map(25)
	return consumerOf(values), err
}

// GetConsumerAny: return the authenticated consumer, or nil. It has all fields that the gateway knows; nil if
// there is none.
//
// Phases: all but certificate, rewrite, preread.
func (r Client) GetConsumerAny() (map[string]any, error) {
	return r.step.Map(25)
}

// GetCredential: return the credential the client authenticated with, or nil. Without one, its Id is empty.
//
// Phases: all but certificate, rewrite, preread.
func (r Client) GetCredential() (entities.AuthenticatedCredential, error) {
	values, err := r.step.Map(26)
	return credentialOf(values), err
}

// GetCredentialAny: return the credential the client authenticated with, or nil. It has all fields that the
// gateway knows; nil if there is none.
//
// Phases: all but certificate, rewrite, preread.
func (r Client) GetCredentialAny() (map[string]any, error) {
	return r.step.Map(26)
}

// Authenticate: set both the authenticated consumer and the credential; one of them may be nil, which clears it.
//
// Phases: access.
func (r Client) Authenticate(consumer *entities.Consumer, credential *entities.AuthenticatedCredential) error {
	return authenticate(r.step, 27, consumer, credential)
}

// AuthenticateAny: set both the authenticated consumer and the credential; one of them may be nil, which clears
// it.
//
// Phases: access.
func (r Client) AuthenticateAny(consumer, credential map[string]any) error {
	return r.step.Do(27, consumer, credential)
}

// GetProtocol: return the protocol that the route was matched by; with `allow_terminated` a trusted X-Forwarded-
// Proto counts as https.
//
// Phases: all but certificate, rewrite, preread.
func (r Client) GetProtocol(allowTerminated bool) (string, error) {
	return r.step.Text(28, allowTerminated)
}

// AuthenticateConsumerGroupByConsumerId: set the consumer groups of a consumer, given by id, as the
// authenticated ones.
//
// Phases: access.
func (r Client) AuthenticateConsumerGroupByConsumerId(consumerId string) error {
	return r.step.Do(29, consumerId)
}

// GetConsumerGroup: return the authenticated consumer group, or nil.
//
// Phases: all but certificate, rewrite, preread.
func (r Client) GetConsumerGroup() (map[string]any, error) {
	return r.step.Map(30)
}

// GetConsumerGroups: return the authenticated consumer groups, or nil.
//
// Phases: all but certificate, rewrite, preread.
func (r Client) GetConsumerGroups() ([]any, error) {
	return r.step.Array(31)
}

// SetAuthenticatedConsumerGroup: set the authenticated consumer group; nil clears it.
//
// Phases: access.
func (r Client) SetAuthenticatedConsumerGroup(group map[string]any) error {
	return r.step.Do(32, group)
}

// SetAuthenticatedConsumerGroups: set the authenticated consumer groups; nil clears them.
//
// Phases: access.
func (r Client) SetAuthenticatedConsumerGroups(groups []any) error {
	return r.step.Do(33, groups)
}

// ClientTLS is `kong.client.tls`: the client's TLS connection.
type ClientTLS struct{ step *bridge.Step }

// RequestClientCertificate: ask the client for a certificate during the handshake, without requiring one.
//
// Phases: certificate.
//
// Not there yet: TLS listeners are not supported yet.
func (r ClientTLS) RequestClientCertificate() error {
	return r.step.Succeed(180)
}

// DisableSessionReuse: give the client no TLS session to resume this connection with.
//
// Phases: certificate.
//
// Not there yet: TLS listeners are not supported yet.
func (r ClientTLS) DisableSessionReuse() error {
	return r.step.Succeed(181)
}

// GetFullClientCertificateChain: return the client's certificate chain as PEM, its own certificate first, or
// nil.
//
// Phases: rewrite, access, response, log.
//
// Not there yet: TLS listeners are not supported yet.
func (r ClientTLS) GetFullClientCertificateChain() (string, error) {
	return r.step.Text(182)
}

// LookupFullClientCertificateChain: return the client's certificate chain as PEM, its own certificate first, or
// nil. The second result is false if there is none.
//
// Phases: rewrite, access, response, log.
//
// Not there yet: TLS listeners are not supported yet.
func (r ClientTLS) LookupFullClientCertificateChain() (string, bool, error) {
	return r.step.LookupText(182)
}

// SetClientVerify: set what the record of the request says of the client's certificate: `SUCCESS`, `NONE` or
// `FAILED:reason`.
//
// Phases: rewrite, access, response.
//
// Not there yet: TLS listeners are not supported yet.
func (r ClientTLS) SetClientVerify(value string) error {
	return r.step.Do(183, value)
}

// Cluster is `kong.cluster`: the cluster this node belongs to.
type Cluster struct{ step *bridge.Step }

// GetId: return the id of the cluster, or nil if this node belongs to none.
func (r Cluster) GetId() (string, error) {
	return r.step.Text(141)
}

// LookupId: return the id of the cluster, or nil if this node belongs to none. The second result is false if
// there is none.
func (r Cluster) LookupId() (string, bool, error) {
	return r.step.LookupText(141)
}

// Ctx is `kong.ctx`: values kept for the time of a request.
type Ctx struct{ step *bridge.Step }

// GetSharedAny: return the value that some plugin stored under this key in this request, or nil.
//
// Phases: all but certificate.
func (r Ctx) GetSharedAny(key string) (any, error) {
	return r.step.Any(125, key)
}

// GetSharedString: return the value that some plugin stored under this key in this request, or nil. It is an
// error if the value is no string.
//
// Phases: all but certificate.
func (r Ctx) GetSharedString(key string) (string, error) {
	return bridge.String(r.step.Any(125, key))
}

// GetSharedFloat: return the value that some plugin stored under this key in this request, or nil. It is an
// error if the value is no float64.
//
// Phases: all but certificate.
func (r Ctx) GetSharedFloat(key string) (float64, error) {
	return bridge.Float(r.step.Any(125, key))
}

// GetSharedInt: return the value that some plugin stored under this key in this request, or nil. It is an error
// if the value is no int.
//
// Phases: all but certificate.
func (r Ctx) GetSharedInt(key string) (int, error) {
	return bridge.Int(r.step.Any(125, key))
}

// GetSharedBool: return the value that some plugin stored under this key in this request, or nil. It is an error
// if the value is no bool.
//
// Phases: all but certificate.
func (r Ctx) GetSharedBool(key string) (bool, error) {
	return bridge.Bool(r.step.Any(125, key))
}

// SetShared: store a value for all plugins of this request; nil removes it.
//
// Phases: all but certificate.
func (r Ctx) SetShared(key string, value any) error {
	return r.step.Do(126, key, value)
}

// GetPluginAny: return the value that this plugin instance stored under this key in this request, or nil.
//
// Phases: all but certificate.
func (r Ctx) GetPluginAny(key string) (any, error) {
	return r.step.Any(127, key)
}

// GetPluginString: return the value that this plugin instance stored under this key in this request, or nil. It
// is an error if the value is no string.
//
// Phases: all but certificate.
func (r Ctx) GetPluginString(key string) (string, error) {
	return bridge.String(r.step.Any(127, key))
}

// GetPluginFloat: return the value that this plugin instance stored under this key in this request, or nil. It
// is an error if the value is no float64.
//
// Phases: all but certificate.
func (r Ctx) GetPluginFloat(key string) (float64, error) {
	return bridge.Float(r.step.Any(127, key))
}

// GetPluginInt: return the value that this plugin instance stored under this key in this request, or nil. It is
// an error if the value is no int.
//
// Phases: all but certificate.
func (r Ctx) GetPluginInt(key string) (int, error) {
	return bridge.Int(r.step.Any(127, key))
}

// GetPluginBool: return the value that this plugin instance stored under this key in this request, or nil. It is
// an error if the value is no bool.
//
// Phases: all but certificate.
func (r Ctx) GetPluginBool(key string) (bool, error) {
	return bridge.Bool(r.step.Any(127, key))
}

// SetPlugin: store a value for later phases of this plugin instance in this request; nil removes it.
//
// Phases: all but certificate.
func (r Ctx) SetPlugin(key string, value any) error {
	return r.step.Do(128, key, value)
}

// Exchange is `kong.exchange`: this request on its way through the gateway (ours, not in Kong).
type Exchange struct{ step *bridge.Step }

// GetId: return the request's id: 32 lower-case hexadecimal digits, the same in logs and headers.
//
// Phases: all but certificate.
func (r Exchange) GetId() (string, error) {
	return r.step.Text(1)
}

// GetTraceContext: return the W3C `traceparent` that this request belongs to, or nil.
//
// Phases: all but certificate.
func (r Exchange) GetTraceContext() (string, error) {
	return r.step.Text(2)
}

// LookupTraceContext: return the W3C `traceparent` that this request belongs to, or nil. The second result is
// false if there is none.
//
// Phases: all but certificate.
func (r Exchange) LookupTraceContext() (string, bool, error) {
	return r.step.LookupText(2)
}

// GetRouteId: return the id of the route that matched, or nil.
//
// Phases: all but certificate, rewrite, preread.
func (r Exchange) GetRouteId() (string, error) {
	return r.step.Text(3)
}

// LookupRouteId: return the id of the route that matched, or nil. The second result is false if there is none.
//
// Phases: all but certificate, rewrite, preread.
func (r Exchange) LookupRouteId() (string, bool, error) {
	return r.step.LookupText(3)
}

// GetServiceId: return the id of the route's service, or nil.
//
// Phases: all but certificate, rewrite, preread.
func (r Exchange) GetServiceId() (string, error) {
	return r.step.Text(4)
}

// LookupServiceId: return the id of the route's service, or nil. The second result is false if there is none.
//
// Phases: all but certificate, rewrite, preread.
func (r Exchange) LookupServiceId() (string, bool, error) {
	return r.step.LookupText(4)
}

// GetConsumerId: return the id of the authenticated consumer, or nil.
//
// Phases: all but certificate, rewrite, preread.
func (r Exchange) GetConsumerId() (string, error) {
	return r.step.Text(5)
}

// LookupConsumerId: return the id of the authenticated consumer, or nil. The second result is false if there is
// none.
//
// Phases: all but certificate, rewrite, preread.
func (r Exchange) LookupConsumerId() (string, bool, error) {
	return r.step.LookupText(5)
}

// GetCredentialId: return the id of the credential the client authenticated with, or nil.
//
// Phases: all but certificate, rewrite, preread.
func (r Exchange) GetCredentialId() (string, error) {
	return r.step.Text(6)
}

// LookupCredentialId: return the id of the credential the client authenticated with, or nil. The second result
// is false if there is none.
//
// Phases: all but certificate, rewrite, preread.
func (r Exchange) LookupCredentialId() (string, bool, error) {
	return r.step.LookupText(6)
}

// GetServerName: return the server name (SNI) that the client asked for, or nil.
//
// Not there yet: TLS listeners are not supported yet.
func (r Exchange) GetServerName() (string, error) {
	return r.step.Text(7)
}

// LookupServerName: return the server name (SNI) that the client asked for, or nil. The second result is false
// if there is none.
//
// Not there yet: TLS listeners are not supported yet.
func (r Exchange) LookupServerName() (string, bool, error) {
	return r.step.LookupText(7)
}

// GetLatencies: return the latencies `kong`, `proxy`, `request` and `receive` in milliseconds, as in the log
// record.
//
// Phases: log.
func (r Exchange) GetLatencies() (map[string]any, error) {
	return r.step.Map(8)
}

// GetSizes: return `request` and `response`: the bytes received from and sent to the client, heads included.
//
// Phases: log.
func (r Exchange) GetSizes() (map[string]any, error) {
	return r.step.Map(9)
}

// IP is `kong.ip`: addresses.
type IP struct{ step *bridge.Step }

// IsTrusted: return whether the address is one of the trusted ones.
func (r IP) IsTrusted(address string) (bool, error) {
	return r.step.Bool(130, address)
}

// JWE is `kong.enterprise_edition.jwe`: jSON Web Encryption.
type JWE struct{ step *bridge.Step }

// Decode: return the parts of an encrypted token.
//
// Not there yet: JSON Web Encryption is not supported yet.
func (r JWE) Decode(token string) (map[string]any, error) {
	return r.step.Map(210, token)
}

// Decrypt: return the plain text of an encrypted token.
//
// Not there yet: JSON Web Encryption is not supported yet.
func (r JWE) Decrypt(key any, token string) (string, error) {
	return r.step.Text(211, key, token)
}

// Encrypt: encrypt a text and return the token.
//
// Not there yet: JSON Web Encryption is not supported yet.
func (r JWE) Encrypt(alg, enc string, key any, plaintext string, options ...map[string]any) (string, error) {
	return r.step.Text(212, alg, enc, key, plaintext, bridge.First(options))
}

// Log is `kong.log`: log lines, and the record of the request. Calling `kong.log(...)` itself logs at level
// notice.
type Log struct{ step *bridge.Step }

// Log: write a log line at level notice; the values are joined without separator.
func (r Log) Log(args ...any) error {
	return r.step.Log(160, args)
}

// Debug: write a log line at level debug; the values are joined without separator.
func (r Log) Debug(args ...any) error {
	return r.step.Log(161, args)
}

// Info: write a log line at level info; the values are joined without separator.
func (r Log) Info(args ...any) error {
	return r.step.Log(162, args)
}

// Notice: write a log line at level notice; the values are joined without separator.
func (r Log) Notice(args ...any) error {
	return r.step.Log(163, args)
}

// Warn: write a log line at level warn; the values are joined without separator.
func (r Log) Warn(args ...any) error {
	return r.step.Log(164, args)
}

// Err: write a log line at level err; the values are joined without separator.
func (r Log) Err(args ...any) error {
	return r.step.Log(165, args)
}

// Crit: write a log line at level crit; the values are joined without separator.
func (r Log) Crit(args ...any) error {
	return r.step.Log(166, args)
}

// Alert: write a log line at level alert; the values are joined without separator.
func (r Log) Alert(args ...any) error {
	return r.step.Log(167, args)
}

// Deprecation: write a warning about something deprecated; a map as last value may hold `after` and `removal`,
// the versions.
func (r Log) Deprecation(args ...any) error {
	return r.step.Log(168, args)
}

// Inspect: write the values pretty-printed, separated by spaces, at level notice: for debugging.
func (r Log) Inspect(args ...any) error {
	return r.step.Log(169, args)
}

// Serialize: return the record of this request as JSON text: request, response, latencies, tries, route,
// service, consumer.
//
// Phases: log.
func (r Log) Serialize() (string, error) {
	return r.step.Text(170)
}

// SetSerializeValue: set, add or replace a value in the request's record; dots in the key make nested maps, nil
// deletes.
//
// Phases: rewrite, access, response, log, response_headers, response_body.
func (r Log) SetSerializeValue(key string, value any, mode ...string) error {
	return r.step.Do(171, key, value, bridge.First(mode))
}

// Nginx is `kong.nginx`: what Kong reads from nginx, with the same meaning here.
type Nginx struct{ step *bridge.Step }

// GetVar: return what nginx would have in the variable of that name, or nil.
//
// Phases: all but certificate.
func (r Nginx) GetVar(name string) (string, error) {
	return r.step.Text(134, name)
}

// LookupVar: return what nginx would have in the variable of that name, or nil. The second result is false if
// there is none.
//
// Phases: all but certificate.
func (r Nginx) LookupVar(name string) (string, bool, error) {
	return r.step.LookupText(134, name)
}

// GetTLS1VersionStr: return the TLS version of the client's connection, such as `TLSv1.3`, or nil.
func (r Nginx) GetTLS1VersionStr() (string, error) {
	return r.step.Text(135)
}

// LookupTLS1VersionStr: return the TLS version of the client's connection, such as `TLSv1.3`, or nil. The second
// result is false if there is none.
func (r Nginx) LookupTLS1VersionStr() (string, bool, error) {
	return r.step.LookupText(135)
}

// GetCtxAny: return the value under this key in the request's raw context, or nil.
//
// Phases: all but certificate.
func (r Nginx) GetCtxAny(key string) (any, error) {
	return r.step.Any(136, key)
}

// GetCtxString: return the value under this key in the request's raw context, or nil. It is an error if the
// value is no string.
//
// Phases: all but certificate.
func (r Nginx) GetCtxString(key string) (string, error) {
	return bridge.String(r.step.Any(136, key))
}

// GetCtxFloat: return the value under this key in the request's raw context, or nil. It is an error if the value
// is no float64.
//
// Phases: all but certificate.
func (r Nginx) GetCtxFloat(key string) (float64, error) {
	return bridge.Float(r.step.Any(136, key))
}

// GetCtxInt: return the value under this key in the request's raw context, or nil. It is an error if the value
// is no int.
//
// Phases: all but certificate.
func (r Nginx) GetCtxInt(key string) (int, error) {
	return bridge.Int(r.step.Any(136, key))
}

// GetCtxBool: return the value under this key in the request's raw context, or nil. It is an error if the value
// is no bool.
//
// Phases: all but certificate.
func (r Nginx) GetCtxBool(key string) (bool, error) {
	return bridge.Bool(r.step.Any(136, key))
}

// SetCtx: store a value in the request's raw context; nil removes it.
//
// Phases: all but certificate.
func (r Nginx) SetCtx(key string, value any) error {
	return r.step.Do(137, key, value)
}

// ReqStartTime: return when the request began, in seconds of Unix time.
//
// Phases: all but certificate.
func (r Nginx) ReqStartTime() (float64, error) {
	return r.step.Float(138)
}

// GetSubsystem: return `http`, or `stream` for TCP and TLS streams.
func (r Nginx) GetSubsystem() (string, error) {
	return r.step.Text(139)
}

// GetStatistics: return the numbers of connections and requests of this node.
func (r Nginx) GetStatistics() (map[string]any, error) {
	return r.step.Map(140)
}

// Node is `kong.node`: this gateway node.
type Node struct{ step *bridge.Step }

// GetId: return the id of this gateway node, a UUID.
func (r Node) GetId() (string, error) {
	return r.step.Text(131)
}

// GetHostname: return the host name of this gateway node.
func (r Node) GetHostname() (string, error) {
	return r.step.Text(132)
}

// GetMemoryStats: return the memory in use, as numbers of bytes, or as text in the given unit.
func (r Node) GetMemoryStats() (entities.MemoryStats, error) {
	values, err := r.step.Map(133)
	return memoryStatsOf(values), err
}

// GetMemoryStatsAny: return the memory in use, as numbers of bytes, or as text in the given unit.
func (r Node) GetMemoryStatsAny(unit string, scale int) (map[string]any, error) {
	return r.step.Map(133, bridge.OptionalText(unit), bridge.OptionalInt(scale))
}

// Plugin is `kong.plugin`: the plugin that runs.
type Plugin struct{ step *bridge.Step }

// GetId: return the id of the plugin entity whose handler runs.
func (r Plugin) GetId() (string, error) {
	return r.step.Text(142)
}

// Request is `kong.request`: the client's request, with the changes that plugins made so far.
type Request struct{ step *bridge.Step }

// GetStartTime: return when the request began, in milliseconds of Unix time.
//
// Phases: all but certificate, preread.
func (r Request) GetStartTime() (int, error) {
	return r.step.Int(18)
}

// GetUriCaptures: return what the route's regular expression captured: `unnamed`, a list with the whole match
// first, and `named`, a map; both empty without captures.
//
// Phases: all but certificate, preread.
func (r Request) GetUriCaptures() ([][]byte, map[string][]byte, error) {
	return uriCaptures(r.step, 19)
}

// GetMethod: return the request's method, in upper case.
//
// Phases: all but certificate, preread.
func (r Request) GetMethod() (string, error) {
	return r.step.Text(40)
}

// GetScheme: return the scheme of the client's connection: `http` or `https`.
//
// Phases: all but certificate, preread.
func (r Request) GetScheme() (string, error) {
	return r.step.Text(41)
}

// GetHost: return the host asked for, in lower case and without port.
//
// Phases: all but certificate, preread.
func (r Request) GetHost() (string, error) {
	return r.step.Text(42)
}

// GetPort: return the port of this gateway that the client is connected to.
func (r Request) GetPort() (int, error) {
	return r.step.Int(43)
}

// GetPath: return the normalised path, without query: escapes of unreserved bytes decoded, dot segments and
// double slashes gone.
//
// Phases: all but certificate, preread.
func (r Request) GetPath() (string, error) {
	return r.step.Text(44)
}

// GetRawPath: return the path as received, without query.
//
// Phases: all but certificate, preread.
func (r Request) GetRawPath() (string, error) {
	return r.step.Text(45)
}

// GetPathWithQuery: return the request target as received: path and query.
//
// Phases: all but certificate, preread.
func (r Request) GetPathWithQuery() (string, error) {
	return r.step.Text(46)
}

// GetRawQuery: return the query without its question mark, undecoded; an empty string if there is none.
//
// Phases: all but certificate, preread.
func (r Request) GetRawQuery() (string, error) {
	return r.step.Text(47)
}

// GetQueryArg: return the first value of a query argument, true if it has no `=`, nil if it is not there.
//
// Phases: all but certificate, preread.
func (r Request) GetQueryArg(name string) (string, error) {
	return r.step.Text(48, name)
}

// LookupQueryArg: return the first value of a query argument, true if it has no `=`, nil if it is not there. The
// second result is false if there is none.
//
// Phases: all but certificate, preread.
func (r Request) LookupQueryArg(name string) (string, bool, error) {
	return r.step.LookupText(48, name)
}

// GetQueryArgAny: return the first value of a query argument, true if it has no `=`, nil if it is not there. The
// value is a string, true or nil.
//
// Phases: all but certificate, preread.
func (r Request) GetQueryArgAny(name string) (any, error) {
	return r.step.Any(48, name)
}

// GetQuery: return the query's arguments, decoded: a string, true for a name without `=`, a list for a repeated
// name.
//
// Phases: all but certificate, preread.
func (r Request) GetQuery(maxArgs int) (map[string][]string, error) {
	return r.step.Query(49, bridge.OptionalInt(maxArgs))
}

// GetQueryAny: return the query's arguments, decoded: a string, true for a name without `=`, a list for a
// repeated name. Values are string, true, or []any of them.
//
// Phases: all but certificate, preread.
func (r Request) GetQueryAny(maxArgs int) (map[string]any, error) {
	return r.step.QueryAny(49, bridge.OptionalInt(maxArgs))
}

// GetHeader: return the first value of a request header, or nil; case does not matter, `_` also finds `-`.
//
// Phases: all but certificate, preread.
func (r Request) GetHeader(name string) (string, error) {
	return r.step.Text(50, name)
}

// LookupHeader: return the first value of a request header, or nil; case does not matter, `_` also finds `-`.
// The second result is false if there is none.
//
// Phases: all but certificate, preread.
func (r Request) LookupHeader(name string) (string, bool, error) {
	return r.step.LookupText(50, name)
}

// GetHeaders: return the request's headers by lower-case name; a repeated header has a list of values.
//
// Phases: all but certificate, preread.
func (r Request) GetHeaders(maxHeaders int) (map[string][]string, error) {
	return r.step.Headers(51, bridge.OptionalInt(maxHeaders))
}

// GetHttpVersion: return the HTTP version of the request: 1, 1.1, 2 or 3.
//
// Phases: all but certificate, preread.
func (r Request) GetHttpVersion() (float64, error) {
	return r.step.Float(52)
}

// LookupHttpVersion: return the HTTP version of the request: 1, 1.1, 2 or 3. The second result is false if there
// is none.
//
// Phases: all but certificate, preread.
func (r Request) LookupHttpVersion() (float64, bool, error) {
	return r.step.LookupFloat(52)
}

// GetForwardedScheme: return the scheme a trusted peer says the client used, else that of the connection.
//
// Phases: all but certificate, preread.
func (r Request) GetForwardedScheme() (string, error) {
	return r.step.Text(53)
}

// GetForwardedHost: return the host a trusted peer says the client asked for, else that of the request.
//
// Phases: all but certificate, preread.
func (r Request) GetForwardedHost() (string, error) {
	return r.step.Text(54)
}

// GetForwardedPort: return the port a trusted peer says the client is connected to, else this gateway's.
//
// Phases: all but certificate, preread.
func (r Request) GetForwardedPort() (int, error) {
	return r.step.Int(55)
}

// GetForwardedPath: return the path a trusted peer says the client asked for, else the normalised path.
//
// Phases: all but certificate, preread.
func (r Request) GetForwardedPath() (string, error) {
	return r.step.Text(56)
}

// GetForwardedPrefix: return the path prefix a trusted peer says was stripped, else the one the route strips, or
// nil.
//
// Phases: all but certificate, preread.
func (r Request) GetForwardedPrefix() (string, error) {
	return r.step.Text(57)
}

// LookupForwardedPrefix: return the path prefix a trusted peer says was stripped, else the one the route strips,
// or nil. The second result is false if there is none.
//
// Phases: all but certificate, preread.
func (r Request) LookupForwardedPrefix() (string, bool, error) {
	return r.step.LookupText(57)
}

// GetRawBody: return the request's body as bytes, empty if there is none.
//
// Phases: rewrite, access, response.
func (r Request) GetRawBody(maxAllowedFileSize ...int) ([]byte, error) {
	return r.step.Bytes(58, bridge.First(maxAllowedFileSize))
}

// GetBody: return the request's body parsed as form, JSON or multipart, by `mimetype` or the Content-Type.
//
// Phases: rewrite, access, response.
func (r Request) GetBody(mimetype string, maxArgs, maxAllowedFileSize int) (any, error) {
	return r.step.Any(59, bridge.OptionalText(mimetype), bridge.OptionalInt(maxArgs), bridge.OptionalInt(maxAllowedFileSize))
}

// Response is `kong.response`: the response to the client.
type Response struct{ step *bridge.Step }

// SetHeader: set a header of the response, replacing every value it had.
//
// Phases: rewrite, access, response, response_headers.
func (r Response) SetHeader(name, value string) error {
	return r.step.Do(60, name, value)
}

// SetHeaderAny: set a header of the response, replacing every value it had. A value is a string, a number, a
// bool or a slice of strings.
//
// Phases: rewrite, access, response, response_headers.
func (r Response) SetHeaderAny(name string, value any) error {
	return r.step.Do(60, name, value)
}

// AddHeader: add a header to the response, after those of the same name.
//
// Phases: rewrite, access, response, response_headers.
func (r Response) AddHeader(name, value string) error {
	return r.step.Do(61, name, value)
}

// AddHeaderAny: add a header to the response, after those of the same name. A value is a string, a number, a
// bool or a slice of strings.
//
// Phases: rewrite, access, response, response_headers.
func (r Response) AddHeaderAny(name string, value any) error {
	return r.step.Do(61, name, value)
}

// ClearHeader: remove every header of that name from the response.
//
// Phases: rewrite, access, response, response_headers.
func (r Response) ClearHeader(name string) error {
	return r.step.Do(62, name)
}

// SetHeaders: set several headers of the response; each replaces those of its name, others stay.
//
// Phases: rewrite, access, response, response_headers.
func (r Response) SetHeaders(headers map[string][]string) error {
	return r.step.Do(63, headers)
}

// SetStatus: set the status of the response.
//
// Phases: rewrite, access, response, response_headers.
func (r Response) SetStatus(status int) error {
	return r.step.Do(64, status)
}

// GetStatus: return the status that the client gets.
//
// Phases: response, log, response_headers, response_body.
func (r Response) GetStatus() (int, error) {
	return r.step.Int(65)
}

// GetHeader: return the first value of a header of the response to the client, or nil.
//
// Phases: response, log, response_headers, response_body.
func (r Response) GetHeader(name string) (string, error) {
	return r.step.Text(66, name)
}

// LookupHeader: return the first value of a header of the response to the client, or nil. The second result is
// false if there is none.
//
// Phases: response, log, response_headers, response_body.
func (r Response) LookupHeader(name string) (string, bool, error) {
	return r.step.LookupText(66, name)
}

// GetHeaders: return the headers of the response to the client by lower-case name; a repeated header has a list
// of values.
//
// Phases: response, log, response_headers, response_body.
func (r Response) GetHeaders(maxHeaders int) (map[string][]string, error) {
	return r.step.Headers(67, bridge.OptionalInt(maxHeaders))
}

// GetSource: return where the response comes from: `service`, `exit` (a plugin answered) or `error`.
//
// Phases: response, log, response_headers, response_body.
func (r Response) GetSource() (string, error) {
	return r.step.Text(68)
}

// Exit: end the handler and answer the client with this status, body (a map or list becomes JSON) and headers.
//
// Phases: rewrite, access, response, preread, response_headers.
func (r Response) Exit(status int, body any, headers map[string][]string) {
	r.step.Exit(69, status, body, headers)
}

// ExitStatus: end the handler and answer the client with this status, body (a map or list becomes JSON) and
// headers. It sends neither body nor headers.
//
// Phases: rewrite, access, response, preread, response_headers.
func (r Response) ExitStatus(status int) {
	r.step.Exit(69, status, nil, nil)
}

// Error: end the handler and answer the client with an error page, in a format the client accepts.
//
// Phases: rewrite, access, response, response_headers.
func (r Response) Error(status int, message any, headers map[string][]string) {
	r.step.Exit(70, status, message, headers)
}

// GetRawBody: return the whole body that the client is going to get, as bytes.
//
// Phases: response.
func (r Response) GetRawBody() ([]byte, error) {
	return r.step.Bytes(71)
}

// SetRawBody: replace the body that the client gets; length, coding, entity tag and digests of the old one are
// dropped.
//
// Phases: response.
func (r Response) SetRawBody(body any) error {
	return r.step.Do(72, body)
}

// Router is `kong.router`: the route that matched.
type Router struct{ step *bridge.Step }

// GetRoute: return the route that matched, or nil. Without one, its Id is empty.
//
// Phases: all but certificate, rewrite, preread.
func (r Router) GetRoute() (entities.Route, error) {
	values, err := r.step.Map(120)
	return routeOf(values), err
}

// GetRouteAny: return the route that matched, or nil. It has all fields that the gateway knows; nil if there is
// none.
//
// Phases: all but certificate, rewrite, preread.
func (r Router) GetRouteAny() (map[string]any, error) {
	return r.step.Map(120)
}

// GetService: return the service of the route, or nil. Without one, its Id is empty.
//
// Phases: all but certificate, rewrite, preread.
func (r Router) GetService() (entities.Service, error) {
	values, err := r.step.Map(121)
	return serviceOf(values), err
}

// GetServiceAny: return the service of the route, or nil. It has all fields that the gateway knows; nil if there
// is none.
//
// Phases: all but certificate, rewrite, preread.
func (r Router) GetServiceAny() (map[string]any, error) {
	return r.step.Map(121)
}

// Service is `kong.service`: where and how the request is sent upstream.
type Service struct{ step *bridge.Step }

// SetUpstream: send the request to the upstream entity of that name; fails if there is none.
//
// Phases: access.
func (r Service) SetUpstream(host string) error {
	return r.step.Succeed(80, host)
}

// SetTarget: send the request to this host and port, past the balancer; the Host header sent upstream becomes
// `host`.
//
// Phases: rewrite, access, preread.
func (r Service) SetTarget(host string, port int) error {
	return r.step.Do(81, host, port)
}

// SetRetries: set how often sending upstream is tried again.
//
// Phases: access.
func (r Service) SetRetries(retries int) error {
	return r.step.Do(82, retries)
}

// SetTimeouts: set the time-outs towards upstream, in milliseconds.
//
// Phases: access.
func (r Service) SetTimeouts(connectTimeout, writeTimeout, readTimeout int) error {
	return r.step.Do(83, connectTimeout, writeTimeout, readTimeout)
}

// SetTlsVerify: turn verification of the upstream's certificate on or off for this request.
//
// Phases: rewrite, access, preread.
func (r Service) SetTlsVerify(on bool) error {
	return r.step.Succeed(84, on)
}

// SetTlsVerifyDepth: set how long the chain of the upstream's certificate may be.
//
// Phases: rewrite, access, preread.
func (r Service) SetTlsVerifyDepth(depth int) error {
	return r.step.Succeed(85, depth)
}

// ServiceRequest is `kong.service.request`: the request that is sent upstream.
type ServiceRequest struct{ step *bridge.Step }

// SetHeader: set a header of the request sent upstream, replacing every value it had; later plugins read it too.
//
// Phases: rewrite, access.
func (r ServiceRequest) SetHeader(name, value string) error {
	return r.step.Do(90, name, value)
}

// SetHeaderAny: set a header of the request sent upstream, replacing every value it had; later plugins read it
// too. A value is a string, a number, a bool or a slice of strings.
//
// Phases: rewrite, access.
func (r ServiceRequest) SetHeaderAny(name string, value any) error {
	return r.step.Do(90, name, value)
}

// AddHeader: add a header to the request sent upstream, after those of the same name.
//
// Phases: rewrite, access.
func (r ServiceRequest) AddHeader(name, value string) error {
	return r.step.Do(91, name, value)
}

// AddHeaderAny: add a header to the request sent upstream, after those of the same name. A value is a string, a
// number, a bool or a slice of strings.
//
// Phases: rewrite, access.
func (r ServiceRequest) AddHeaderAny(name string, value any) error {
	return r.step.Do(91, name, value)
}

// ClearHeader: remove every header of that name from the request sent upstream.
//
// Phases: rewrite, access.
func (r ServiceRequest) ClearHeader(name string) error {
	return r.step.Do(92, name)
}

// SetHeaders: set several headers of the request sent upstream; each replaces those of its name, others stay.
//
// Phases: rewrite, access.
func (r ServiceRequest) SetHeaders(headers map[string][]string) error {
	return r.step.Do(93, headers)
}

// SetMethod: set the method of the request sent upstream.
//
// Phases: rewrite, access.
func (r ServiceRequest) SetMethod(method string) error {
	return r.step.Do(94, method)
}

// SetPath: set the path of the request sent upstream, without query; kong.request does not show it.
//
// Phases: rewrite, access.
func (r ServiceRequest) SetPath(path string) error {
	return r.step.Do(95, path)
}

// SetScheme: set the scheme used towards upstream.
//
// Phases: rewrite, access.
func (r ServiceRequest) SetScheme(scheme string) error {
	return r.step.Do(96, scheme)
}

// SetRawQuery: set the query of the request sent upstream, as it is and without question mark.
//
// Phases: rewrite, access.
func (r ServiceRequest) SetRawQuery(query string) error {
	return r.step.Do(97, query)
}

// SetQuery: set the query from names and values (string, number, boolean or a list of them), encoded and sorted.
//
// Phases: rewrite, access.
func (r ServiceRequest) SetQuery(args map[string][]string) error {
	return r.step.Do(98, args)
}

// SetQueryAny: set the query from names and values (string, number, boolean or a list of them), encoded and
// sorted. A value is a string, a number, a bool or a slice of strings.
//
// Phases: rewrite, access.
func (r ServiceRequest) SetQueryAny(args map[string]any) error {
	return r.step.Do(98, args)
}

// ClearQueryArg: remove every occurrence of an argument from the query.
//
// Phases: rewrite, access.
func (r ServiceRequest) ClearQueryArg(name string) error {
	return r.step.Do(99, name)
}

// SetRawBody: set the body of the request sent upstream; the length is adjusted.
//
// Phases: rewrite, access.
func (r ServiceRequest) SetRawBody(body any) error {
	return r.step.Do(100, body)
}

// SetBody: encode the body of the request sent upstream as form, JSON or multipart, by `mimetype` or the
// Content-Type.
//
// Phases: rewrite, access.
func (r ServiceRequest) SetBody(args map[string]any, mimetype ...string) error {
	return r.step.Succeed(101, args, bridge.First(mimetype))
}

// EnableBuffering: have the upstream's response read whole before the client gets any of it.
//
// Phases: rewrite, access.
func (r ServiceRequest) EnableBuffering() error {
	return r.step.Do(102)
}

// DisableTls: connect upstream without TLS, in a stream.
//
// Phases: preread.
//
// Not there yet: TCP and TLS streams are not supported yet.
func (r ServiceRequest) DisableTls() error {
	return r.step.Succeed(103)
}

// EnableTls: connect upstream with TLS, in a stream.
//
// Phases: preread.
//
// Not there yet: TCP and TLS streams are not supported yet.
func (r ServiceRequest) EnableTls() error {
	return r.step.Succeed(104)
}

// ServiceResponse is `kong.service.response`: the response that came from upstream.
type ServiceResponse struct{ step *bridge.Step }

// GetStatus: return the status of the upstream's response, or nil if the request was not sent upstream.
//
// Phases: response, log, response_headers, response_body.
func (r ServiceResponse) GetStatus() (int, error) {
	return r.step.Int(110)
}

// LookupStatus: return the status of the upstream's response, or nil if the request was not sent upstream. The
// second result is false if there is none.
//
// Phases: response, log, response_headers, response_body.
func (r ServiceResponse) LookupStatus() (int, bool, error) {
	return r.step.LookupInt(110)
}

// GetHeader: return the first value of a header as it came from upstream, or nil.
//
// Phases: response, log, response_headers, response_body.
func (r ServiceResponse) GetHeader(name string) (string, error) {
	return r.step.Text(111, name)
}

// LookupHeader: return the first value of a header as it came from upstream, or nil. The second result is false
// if there is none.
//
// Phases: response, log, response_headers, response_body.
func (r ServiceResponse) LookupHeader(name string) (string, bool, error) {
	return r.step.LookupText(111, name)
}

// GetHeaders: return the headers that came from upstream by lower-case name; a repeated header has a list of
// values.
//
// Phases: response, log, response_headers, response_body.
func (r ServiceResponse) GetHeaders(maxHeaders int) (map[string][]string, error) {
	return r.step.Headers(112, bridge.OptionalInt(maxHeaders))
}

// GetRawBody: return the body that came from upstream as bytes; the response must be buffered.
//
// Phases: response, log, response_headers, response_body.
func (r ServiceResponse) GetRawBody() ([]byte, error) {
	return r.step.Bytes(113)
}

// GetBody: return the body that came from upstream parsed as form, JSON or multipart; the response must be
// buffered.
//
// Phases: response, log, response_headers, response_body.
func (r ServiceResponse) GetBody(mimetype string, maxArgs int) (any, error) {
	return r.step.Any(114, bridge.OptionalText(mimetype), bridge.OptionalInt(maxArgs))
}

// Telemetry is `kong.telemetry`: structured log entries for OpenTelemetry.
type Telemetry struct{ step *bridge.Step }

// Log: hand a structured entry to a telemetry plugin; fails if no such plugin is active.
//
// Phases: all but certificate.
func (r Telemetry) Log(pluginName string, pluginConfig map[string]any, messageType string, message any, attributes ...map[string]any) error {
	return r.step.Succeed(190, pluginName, pluginConfig, messageType, message, bridge.First(attributes))
}

// Tracing is `kong.tracing`: spans.
type Tracing struct{ step *bridge.Step }

// ActiveSpan: return the span that is active, or nil.
//
// Phases: all but certificate, preread.
//
// Not there yet: tracing is not supported yet.
func (r Tracing) ActiveSpan() (map[string]any, error) {
	return r.step.Map(200)
}

// SetActiveSpan: make a span the active one.
//
// Phases: all but certificate, preread.
//
// Not there yet: tracing is not supported yet.
func (r Tracing) SetActiveSpan(span map[string]any) error {
	return r.step.Do(201, span)
}

// StartSpan: start a span and return it.
//
// Phases: all but certificate, preread.
//
// Not there yet: tracing is not supported yet.
func (r Tracing) StartSpan(name string, options ...map[string]any) (map[string]any, error) {
	return r.step.Map(202, name, bridge.First(options))
}

// CreateSpan: make a span without starting it, and return it.
//
// Phases: all but certificate, preread.
//
// Not there yet: tracing is not supported yet.
func (r Tracing) CreateSpan(name string, options ...map[string]any) (map[string]any, error) {
	return r.step.Map(203, name, bridge.First(options))
}

// SetShouldSample: say whether the spans of this request are kept.
//
// Phases: all but certificate, preread.
//
// Not there yet: tracing is not supported yet.
func (r Tracing) SetShouldSample(shouldSample bool) error {
	return r.step.Do(204, shouldSample)
}

// GetSamplingDecision: return whether the spans of this request are kept.
//
// Phases: all but certificate, preread.
//
// Not there yet: tracing is not supported yet.
func (r Tracing) GetSamplingDecision(parentShouldSample *bool, samplingRate *float64) (bool, error) {
	return r.step.Bool(205, bridge.Pointed(parentShouldSample), bridge.Pointed(samplingRate))
}

// Vault is `kong.vault`: secrets.
type Vault struct{ step *bridge.Step }

// Get: return the secret that a reference such as `{vault://env/token}` points to.
func (r Vault) Get(reference string) (string, error) {
	return r.step.Text(150, reference)
}

// IsReference: return whether the text has the form of a vault reference.
func (r Vault) IsReference(reference string) (bool, error) {
	return r.step.Bool(151, reference)
}

// ParseReference: return the parts of a vault reference: `name`, `resource`, and if given `key`, `config`,
// `version`.
func (r Vault) ParseReference(reference string) (map[string]any, error) {
	return r.step.Map(152, reference)
}

// Update: return a copy of the options in which the fields named in `$refs` are resolved anew.
func (r Vault) Update(options map[string]any) (map[string]any, error) {
	return r.step.Map(153, options)
}

// Flush: forget the secrets that this node has cached.
func (r Vault) Flush() error {
	return r.step.Do(154)
}

// WebsocketClient is `kong.websocket.client`: frames from the client.
type WebsocketClient struct{ step *bridge.Step }

// GetFrame: return the frame from the client: payload, type (`text`, `binary`, `ping`, `pong`, `close`) and, for
// a close, its status.
//
// Phases: ws_client_frame.
//
// Not there yet: WebSocket is not supported yet.
func (r WebsocketClient) GetFrame() ([]any, error) {
	return r.step.Array(220)
}

// SetFrameData: replace the payload of the frame before it is forwarded.
//
// Phases: ws_client_frame.
//
// Not there yet: WebSocket is not supported yet.
func (r WebsocketClient) SetFrameData(data any) error {
	return r.step.Do(221, data)
}

// SetStatus: replace the status of a close frame.
//
// Phases: ws_client_frame.
//
// Not there yet: WebSocket is not supported yet.
func (r WebsocketClient) SetStatus(status int) error {
	return r.step.Do(222, status)
}

// DropFrame: do not forward the frame, and skip the plugins that would still see it.
//
// Phases: ws_client_frame.
//
// Not there yet: WebSocket is not supported yet.
func (r WebsocketClient) DropFrame() error {
	return r.step.Do(223)
}

// Close: end the session with close frames to both sides.
//
// Phases: ws_client_frame.
//
// Not there yet: WebSocket is not supported yet.
func (r WebsocketClient) Close(status int, message string, upstreamStatus int, upstreamPayload string) error {
	return r.step.Do(224, bridge.OptionalInt(status), bridge.OptionalText(message), bridge.OptionalInt(upstreamStatus), bridge.OptionalText(upstreamPayload))
}

// SetMaxPayloadSize: set how many bytes a message from the client may have.
//
// Phases: ws_handshake.
//
// Not there yet: WebSocket is not supported yet.
func (r WebsocketClient) SetMaxPayloadSize(size int) error {
	return r.step.Do(225, size)
}

// WebsocketUpstream is `kong.websocket.upstream`: frames from upstream.
type WebsocketUpstream struct{ step *bridge.Step }

// GetFrame: return the frame from the upstream: payload, type (`text`, `binary`, `ping`, `pong`, `close`) and,
// for a close, its status.
//
// Phases: ws_upstream_frame.
//
// Not there yet: WebSocket is not supported yet.
func (r WebsocketUpstream) GetFrame() ([]any, error) {
	return r.step.Array(230)
}

// SetFrameData: replace the payload of the frame before it is forwarded.
//
// Phases: ws_upstream_frame.
//
// Not there yet: WebSocket is not supported yet.
func (r WebsocketUpstream) SetFrameData(data any) error {
	return r.step.Do(231, data)
}

// SetStatus: replace the status of a close frame.
//
// Phases: ws_upstream_frame.
//
// Not there yet: WebSocket is not supported yet.
func (r WebsocketUpstream) SetStatus(status int) error {
	return r.step.Do(232, status)
}

// DropFrame: do not forward the frame, and skip the plugins that would still see it.
//
// Phases: ws_upstream_frame.
//
// Not there yet: WebSocket is not supported yet.
func (r WebsocketUpstream) DropFrame() error {
	return r.step.Do(233)
}

// Close: end the session with close frames to both sides.
//
// Phases: ws_upstream_frame.
//
// Not there yet: WebSocket is not supported yet.
func (r WebsocketUpstream) Close(status int, message string, clientStatus int, clientPayload string) error {
	return r.step.Do(234, bridge.OptionalInt(status), bridge.OptionalText(message), bridge.OptionalInt(clientStatus), bridge.OptionalText(clientPayload))
}

// SetMaxPayloadSize: set how many bytes a message from the upstream may have.
//
// Phases: ws_handshake.
//
// Not there yet: WebSocket is not supported yet.
func (r WebsocketUpstream) SetMaxPayloadSize(size int) error {
	return r.step.Do(235, size)
}
