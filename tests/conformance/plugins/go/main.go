// The conformance plugin in Go: runs the script that a request carries, and writes down what every call gave. What a
// script is and what becomes of it stands in ../python/conformance.py.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	pdk "github.com/oarlock/oarlock/sdk_go"
	"github.com/oarlock/oarlock/sdk_go/server"
)

func run(kong *pdk.PDK, handler string) {
	text, err := kong.Request.GetHeader("x-script")
	if err != nil {
		panic(err)
	}
	if text == "" {
		return
	}
	script, err := decode(text)
	if err != nil {
		panic(err)
	}
	steps, ok := script[handler].([]any)
	if !ok {
		return
	}
	results := []any{}
	defer func() { write(map[string]any{"case": script["case"], "handler": handler, "results": results}) }()
	for _, each := range steps {
		step := each.(map[string]any)
		if text, ok := step["raise"].(string); ok {
			panic(text)
		}
		if seconds, ok := step["sleep"].(json.Number); ok {
			number, _ := seconds.Float64()
			time.Sleep(time.Duration(number * float64(time.Second)))
			continue
		}
		args, _ := given(step["args"]).([]any)
		value, err := call(kong, step["call"].(string), args)
		var failure *pdk.Error
		switch {
		case err == nil:
			results = append(results, map[string]any{"result": shown(value)})
		case errors.As(err, &failure):
			results = append(results, map[string]any{"error": []string{failure.Code, failure.Text}})
		default:
			results = append(results, map[string]any{"error": []string{err.Error(), ""}})
		}
	}
}

// write appends a line to the results, whatever ends the handler.
func write(record map[string]any) {
	line, err := json.Marshal(record)
	if err != nil {
		panic(err)
	}
	file, err := os.OpenFile(os.Getenv("CONFORMANCE_RESULTS"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	if _, err := file.Write(append(line, '\n')); err != nil {
		panic(err)
	}
}

// First is for a service: all phases of a routed request.
type First struct{}

func (*First) Access(kong *pdk.PDK)   { run(kong, "access") }
func (*First) Response(kong *pdk.PDK) { run(kong, "response") }
func (*First) Log(kong *pdk.PDK)      { run(kong, "log") }

// Second runs behind the first in every phase: sees what that one did.
type Second struct{}

func (*Second) Access(kong *pdk.PDK)   { run(kong, "second.access") }
func (*Second) Response(kong *pdk.PDK) { run(kong, "second.response") }
func (*Second) Log(kong *pdk.PDK)      { run(kong, "second.log") }

// Early is for all requests: the phase before a route is known.
type Early struct{}

func (*Early) Rewrite(kong *pdk.PDK) { run(kong, "rewrite") }

// Streaming has no response handler, so the response is not buffered.
type Streaming struct{}

func (*Streaming) Access(kong *pdk.PDK) { run(kong, "access") }
func (*Streaming) Log(kong *pdk.PDK)    { run(kong, "log") }

func main() {
	err := server.Run(
		context.Background(),
		server.Plugin{Name: "conformance", Version: "1.0.0", Priority: 100, New: func() any { return &First{} }},
		server.Plugin{Name: "conformance-second", Priority: 50, New: func() any { return &Second{} }},
		server.Plugin{Name: "conformance-rewrite", Priority: 100, New: func() any { return &Early{} }},
		server.Plugin{Name: "conformance-streaming", Priority: 100, New: func() any { return &Streaming{} }},
	)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
