// Hello is the smallest useful plugin: it says hello to the upstream and to the client.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"

	pdk "github.com/oarlock/oarlock/sdk_go"
	"github.com/oarlock/oarlock/sdk_go/server"
)

// Config is the plugin's configuration.
type Config struct {
	Message string `json:"message" doc:"what to say"`
}

// New returns a configuration with its defaults.
func New() any { return &Config{Message: "hello"} }

// Access runs before the request is sent upstream.
func (c *Config) Access(kong *pdk.PDK) error {
	name, err := kong.Request.GetQueryArg("name")
	if err != nil {
		return err
	}
	if name == "" {
		name = "stranger"
	}
	if text, _ := kong.Request.GetHeader("x-hello-exit"); text != "" {
		status, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		kong.Response.Exit(status, map[string]any{"message": c.Message + ": no entry, " + name}, nil)
	}
	path, err := kong.Request.GetPath()
	if err != nil {
		return err
	}
	err = kong.ServiceRequest.SetHeaders(map[string][]string{
		"x-hello":      {c.Message + ", " + name},
		"x-hello-path": {path},
	})
	if err != nil {
		return err
	}
	return kong.Response.SetHeader("x-hello-from", fmt.Sprint("pid ", os.Getpid()))
}

func main() {
	plugin := server.Plugin{
		Name:     "hello",
		Version:  "1.0.0",
		Priority: 100,
		New:      New,
		// sent along, so that asking for it costs nothing
		Needs: map[string][]string{"access": {"kong.request.get_query_arg(name)"}},
	}
	if err := server.Run(context.Background(), plugin); err != nil {
		log.Fatal(err)
	}
}
