// Auth authenticates a client by asking another HTTP service whose token it brings.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	pdk "github.com/oarlock/oarlock/sdk_go"
	"github.com/oarlock/oarlock/sdk_go/server"
)

// Config says whom to ask. The service is asked `GET url` with the client's Authorization; 200 with {"username": …}
// is whose token it is.
type Config struct {
	URL     string `json:"url" validate:"required,url" doc:"the service that knows tokens"`
	Timeout int    `json:"timeout" validate:"min=1,max=60000" doc:"milliseconds for the whole answer"`

	client *http.Client
}

// New returns a configuration with its defaults.
func New() any { return &Config{Timeout: 1000} }

// Start makes one client for all requests of a configuration: it keeps connections to the service open.
func (c *Config) Start() error {
	c.client = &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 64},
		Timeout:   time.Duration(c.Timeout) * time.Millisecond,
	}
	return nil
}

// Stop closes the connections to the service.
func (c *Config) Stop() { c.client.CloseIdleConnections() }

// Access asks whose token the client brings.
func (c *Config) Access(kong *pdk.PDK) error {
	token, err := kong.Request.GetHeader("authorization")
	if err != nil {
		return err
	}
	username, err := c.owner(kong.Context(), token)
	if err != nil {
		kong.Log.Err("the token service does not answer as it should: ", err)
		kong.Response.Exit(503, map[string]any{"message": "try again later"}, nil)
	}
	consumer := map[string]any(nil)
	if username != "" {
		if consumer, err = kong.Client.LoadConsumerAny(username, true); err != nil {
			return err
		}
	}
	if consumer == nil {
		challenge := map[string][]string{"www-authenticate": {"Bearer"}}
		kong.Response.Exit(401, map[string]any{"message": "who are you?"}, challenge)
	}
	if err := kong.Client.AuthenticateAny(consumer, nil); err != nil {
		return err
	}
	// the token is for us, not for the service behind
	if err := kong.ServiceRequest.ClearHeader("authorization"); err != nil {
		return err
	}
	return kong.ServiceRequest.SetHeaders(map[string][]string{
		"x-consumer-id":       {fmt.Sprint(consumer["id"])},
		"x-consumer-username": {fmt.Sprint(consumer["username"])},
	})
}

// owner returns the name that the service knows a token by, "" if it knows none.
func (c *Config) owner(ctx context.Context, token string) (string, error) {
	if token == "" {
		return "", nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", token)
	answer, err := c.client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20)) // to its end, or the connection could not be used again
	if err != nil {
		return "", err
	}
	switch answer.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return "", nil
	default:
		return "", fmt.Errorf("status %s", answer.Status)
	}
	var found struct {
		Username string `json:"username"`
	}
	if err := json.Unmarshal(body, &found); err != nil {
		return "", err
	}
	return found.Username, nil
}

func main() {
	plugin := server.Plugin{Name: "auth", Version: "1.0.0", Priority: 1100, New: New}
	if err := server.Run(context.Background(), plugin); err != nil {
		log.Fatal(err)
	}
}
