// Transform changes a JSON body both ways: it adds members to what goes to the service, and removes some from what
// comes back.
package main

import (
	"context"
	"encoding/json"
	"log"
	"strings"

	pdk "github.com/oarlock/oarlock/sdk_go"
	"github.com/oarlock/oarlock/sdk_go/server"
)

// Config says what is added and removed.
type Config struct {
	Add    map[string]string `json:"add"`
	Remove []string          `json:"remove"`
}

// New returns a configuration with its defaults.
func New() any { return &Config{Add: map[string]string{}, Remove: []string{}} }

// Access adds members to the body of the request.
func (c *Config) Access(kong *pdk.PDK) error {
	// a compressed answer could not be read
	if err := kong.ServiceRequest.ClearHeader("accept-encoding"); err != nil {
		return err
	}
	kind, err := kong.Request.GetHeader("content-type")
	if err != nil || !isJSON(kind) {
		return err
	}
	body, err := kong.Request.GetRawBody()
	if err != nil {
		return err
	}
	values := object(body)
	if values == nil {
		kong.Response.Exit(400, map[string]any{"message": "the body is not a JSON object"}, nil)
	}
	for name, value := range c.Add {
		values[name], _ = json.Marshal(value)
	}
	changed, err := json.Marshal(values)
	if err != nil {
		return err
	}
	return kong.ServiceRequest.SetRawBody(changed)
}

// Response removes members from the body of the response.
func (c *Config) Response(kong *pdk.PDK) error {
	kind, err := kong.Response.GetHeader("content-type")
	if err != nil || !isJSON(kind) {
		return err
	}
	body, err := kong.Response.GetRawBody()
	if err != nil {
		return err
	}
	values := object(body)
	if values == nil {
		return nil // empty, as for HEAD, or the service's own affair: the client gets what there is
	}
	for _, name := range c.Remove {
		delete(values, name)
	}
	changed, err := json.Marshal(values)
	if err != nil {
		return err
	}
	return kong.Response.SetRawBody(changed)
}

func isJSON(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

// object returns the members of the object that a body holds, nil if it holds none.
func object(body []byte) map[string]json.RawMessage {
	var values map[string]json.RawMessage
	if json.Unmarshal(body, &values) != nil {
		return nil
	}
	return values
}

func main() {
	plugin := server.Plugin{
		Name:     "transform",
		Version:  "1.0.0",
		Priority: 800,
		New:      New,
		Needs: map[string][]string{ // a body comes along, up to 64 KiB; a larger one is asked for
			"access":   {"kong.request.get_raw_body"},
			"response": {"kong.response.get_raw_body"},
		},
	}
	if err := server.Run(context.Background(), plugin); err != nil {
		log.Fatal(err)
	}
}
