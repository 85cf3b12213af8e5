// Package client has the names that plugins for Kong import from the package of this name.
package client

import (
	pdk "github.com/oarlock/oarlock/sdk_go"
	"github.com/oarlock/oarlock/sdk_go/entities"
)

// AuthenticatedCredential is what a consumer authenticated with.
type AuthenticatedCredential = entities.AuthenticatedCredential

// Client is `kong.Client`.
type Client = pdk.Client
