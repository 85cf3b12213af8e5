// Package node has the names that plugins for Kong import from the package of this name.
package node

import (
	pdk "github.com/oarlock/oarlock/sdk_go"
	"github.com/oarlock/oarlock/sdk_go/entities"
)

// MemoryStats says how much memory a node uses, in bytes.
type MemoryStats = entities.MemoryStats

// Node is `kong.Node`.
type Node = pdk.Node
