package pdk_test

import (
	"testing"

	pdk "github.com/oarlock/oarlock/sdk_go"
	"github.com/oarlock/oarlock/sdk_go/client"
	"github.com/oarlock/oarlock/sdk_go/entities"
	"github.com/oarlock/oarlock/sdk_go/node"
	"github.com/oarlock/oarlock/sdk_go/pdktest"
)

// kongPlugin uses every function of Kong's PDK for Go with the types that it has there: it is to compile.
type kongPlugin struct{ Message string }

type (
	texts     = func() (string, error)
	textOf    = func(string) (string, error)
	numbers   = func() (int, error)
	floats    = func() (float64, error)
	setter    = func(string) error
	setPair   = func(string, string) error
	setMany   = func(map[string][]string) error
	getMany   = func(int) (map[string][]string, error)
	getBody   = func() ([]byte, error)
	writeLine = func(...interface{}) error
)

func (conf kongPlugin) Access(kong *pdk.PDK) {
	_ = []texts{
		kong.Client.GetIp, kong.Client.GetForwardedIp, kong.Request.GetScheme, kong.Request.GetHost,
		kong.Request.GetForwardedScheme, kong.Request.GetForwardedHost, kong.Request.GetMethod, kong.Request.GetPath,
		kong.Request.GetPathWithQuery, kong.Request.GetRawQuery, kong.Response.GetSource, kong.Node.GetId,
		kong.Nginx.GetTLS1VersionStr, kong.Nginx.GetSubsystem, kong.Log.Serialize,
	}
	_ = []numbers{
		kong.Client.GetPort, kong.Client.GetForwardedPort, kong.Request.GetPort, kong.Request.GetForwardedPort,
		kong.Response.GetStatus, kong.ServiceResponse.GetStatus,
	}
	_ = []floats{kong.Request.GetHttpVersion, kong.Nginx.ReqStartTime}
	_ = []textOf{
		kong.Request.GetHeader, kong.Request.GetQueryArg, kong.Response.GetHeader, kong.ServiceResponse.GetHeader,
		kong.Ctx.GetSharedString, kong.Nginx.GetVar, kong.Nginx.GetCtxString,
	}
	_ = []setter{
		kong.Response.ClearHeader, kong.Service.SetUpstream, kong.ServiceRequest.SetScheme, kong.ServiceRequest.SetPath,
		kong.ServiceRequest.SetRawQuery, kong.ServiceRequest.SetMethod, kong.ServiceRequest.ClearHeader,
	}
	_ = []setPair{
		kong.Response.SetHeader, kong.Response.AddHeader, kong.ServiceRequest.SetHeader, kong.ServiceRequest.AddHeader,
	}
	_ = []setMany{kong.Response.SetHeaders, kong.ServiceRequest.SetHeaders, kong.ServiceRequest.SetQuery}
	_ = []getMany{
		kong.Request.GetQuery, kong.Request.GetHeaders, kong.Response.GetHeaders, kong.ServiceResponse.GetHeaders,
	}
	_ = []getBody{kong.ServiceResponse.GetRawBody}
	_ = []writeLine{
		kong.Log.Alert, kong.Log.Crit, kong.Log.Err, kong.Log.Warn, kong.Log.Notice, kong.Log.Info, kong.Log.Debug,
	}
	conf.more(kong)
	kong.Response.Exit(200, "a text in older versions", nil)
	kong.Response.Exit(200, []byte("bytes in newer ones"), map[string][]string{"a": {"b"}})
	kong.Response.ExitStatus(204)
}

func (kongPlugin) more(kong *pdk.PDK) (errs []error) {
	var err error
	keep := func() { errs = append(errs, err) }
	var consumer entities.Consumer
	consumer, err = kong.Client.LoadConsumer("id", true)
	keep()
	consumer, err = kong.Client.GetConsumer()
	keep()
	var credential client.AuthenticatedCredential
	credential, err = kong.Client.GetCredential()
	keep()
	err = kong.Client.Authenticate(&consumer, &credential)
	keep()
	var value interface{}
	value, err = kong.Ctx.GetSharedAny("k")
	keep()
	err = kong.Ctx.SetShared("k", value)
	keep()
	var stats node.MemoryStats
	stats, err = kong.Node.GetMemoryStats()
	keep()
	_ = stats.LuaSharedDicts.Kong.AllocatedSlabs
	var route entities.Route
	route, err = kong.Router.GetRoute()
	keep()
	_ = route.Service.Id
	var service entities.Service
	service, err = kong.Router.GetService()
	keep()
	_ = service.ClientCertificate.Id
	var body []byte
	body, err = kong.Request.GetRawBody()
	keep()
	err = kong.ServiceRequest.SetRawBody(string(body))
	keep()
	_, err = kong.Nginx.GetCtxInt("k")
	keep()
	_, err = kong.Nginx.GetCtxFloat("k")
	keep()
	_, err = kong.Nginx.GetCtxAny("k")
	keep()
	err = kong.Nginx.SetCtx("k", 1)
	keep()
	_, err = kong.IP.IsTrusted("127.0.0.1")
	keep()
	_, err = kong.Ctx.GetSharedFloat("k")
	keep()
	err = kong.Log.SetSerializeValue("k", value)
	keep()
	_, err = kong.Client.GetProtocol(true)
	keep()
	err = kong.Service.SetTarget("localhost", 80)
	keep()
	_, _, err = kong.Request.GetUriCaptures()
	keep()
	err = kong.Response.SetStatus(200)
	keep()
	return errs
}

func TestAPluginForKongRuns(t *testing.T) {
	x := pdktest.New(pdktest.Request{})
	x.Answers = map[string]any{"kong.request.get_uri_captures": map[string]any{"unnamed": []any{"a", nil}, "named": map[string]any{"n": "b"}}}
	result := x.Run("access", &kongPlugin{})
	if result.Err != nil || result.Outcome != "exit" || string(result.Body.([]byte)) != "a text in older versions" {
		t.Fatal(result)
	}
	for _, call := range result.Calls {
		if call.Name == "kong.request.get_uri_captures" {
			return
		}
	}
	t.Fatal(result.Calls)
}

// entityPlugin reads entities.
type entityPlugin struct{ found []any }

func (p *entityPlugin) Access(kong *pdk.PDK) error {
	consumer, err := kong.Client.GetConsumer()
	if err != nil {
		return err
	}
	route, err := kong.Router.GetRoute()
	if err != nil {
		return err
	}
	service, err := kong.Router.GetService()
	if err != nil {
		return err
	}
	stats, err := kong.Node.GetMemoryStats()
	if err != nil {
		return err
	}
	unnamed, named, err := kong.Request.GetUriCaptures()
	if err != nil {
		return err
	}
	p.found = []any{consumer.Username, consumer.Tags[1], route.Paths[0], route.Service.Id, route.StripPath, service.Port,
		stats.LuaSharedDicts.Kong.Capacity, stats.WorkersLuaVms[0].Pid, string(unnamed[0]), unnamed[1] == nil, string(named["n"])}
	return kong.Client.Authenticate(&entities.Consumer{Id: "c", Username: "ann"}, nil)
}

func TestEntitiesHaveTheFieldsThatTheGatewaySent(t *testing.T) {
	x := pdktest.New(pdktest.Request{})
	x.Answers = map[string]any{
		"kong.client.get_consumer": map[string]any{"id": "c", "username": "bob", "tags": []any{"a", "b"}},
		"kong.router.get_route":    map[string]any{"paths": []any{"/a"}, "service": map[string]any{"id": "s"}, "strip_path": true},
		"kong.router.get_service":  map[string]any{"port": 80.0},
		"kong.node.get_memory_stats": map[string]any{
			"lua_shared_dicts": map[string]any{"kong": map[string]any{"capacity": 5}},
			"workers_lua_vms":  []any{map[string]any{"pid": 7}},
		},
		"kong.request.get_uri_captures": map[string]any{"unnamed": []any{"a", nil}, "named": map[string]any{"n": "b"}},
	}
	plugin := &entityPlugin{}
	if result := x.Run("access", plugin); result.Err != nil {
		t.Fatal(result.Err)
	}
	for i, want := range []any{"bob", "b", "/a", "s", true, 80, int64(5), int64(7), "a", true, "b"} {
		if plugin.found[i] != want {
			t.Errorf("%d: %v instead of %v", i, plugin.found[i], want)
		}
	}
}
