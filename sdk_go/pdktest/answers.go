package pdktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strings"

	pdk "github.com/oarlock/oarlock/sdk_go"
)

type getter func(x *Exchange, args []any) any

func fixed(value func(x *Exchange) any) getter {
	return func(x *Exchange, _ []any) any { return value(x) }
}

// getters are what this package knows of a request; args have at least two elements.
var getters = map[string]getter{
	"kong.exchange.get_id":            fixed(func(*Exchange) any { return strings.Repeat("0", 32) }),
	"kong.exchange.get_consumer_id":   fixed(func(x *Exchange) any { return idOf(x.consumer) }),
	"kong.exchange.get_credential_id": fixed(func(x *Exchange) any { return idOf(x.credential) }),
	"kong.client.get_ip":              fixed(func(x *Exchange) any { return x.request.ClientIP }),
	"kong.client.get_port":            fixed(func(x *Exchange) any { return x.request.ClientPort }),
	"kong.client.get_forwarded_ip":    fixed(func(x *Exchange) any { return x.request.ClientIP }),
	"kong.client.get_forwarded_port":  fixed(func(x *Exchange) any { return x.request.ClientPort }),
	"kong.client.get_consumer":        fixed(func(x *Exchange) any { return x.consumer }),
	"kong.client.get_credential":      fixed(func(x *Exchange) any { return x.credential }),
	"kong.request.get_method":         fixed(func(x *Exchange) any { return x.method }),
	"kong.request.get_scheme":         fixed(func(x *Exchange) any { return x.request.Scheme }),
	"kong.request.get_host":           fixed(func(x *Exchange) any { return strings.ToLower(x.request.Host) }),
	"kong.request.get_port":           fixed(func(x *Exchange) any { return x.request.Port }),
	"kong.request.get_path":           fixed(func(x *Exchange) any { return x.request.Path }),
	"kong.request.get_raw_path":       fixed(func(x *Exchange) any { return x.request.Path }),
	"kong.request.get_path_with_query": fixed(func(x *Exchange) any {
		if x.request.Query == "" {
			return x.request.Path
		}
		return x.request.Path + "?" + x.request.Query
	}),
	"kong.request.get_raw_query": fixed(func(x *Exchange) any { return x.query }),
	"kong.request.get_query": func(x *Exchange, args []any) any {
		pairs := pairsOf(x.query)
		return pairs[:min(len(pairs), 2*limitOf(args[0], 100))]
	},
	"kong.request.get_query_arg": func(x *Exchange, args []any) any {
		pairs := pairsOf(x.query)
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == textOf(args[0]) {
				return pairs[i+1]
			}
		}
		return nil
	},
	"kong.request.get_header":       header(func(x *Exchange) lines { return x.headers }),
	"kong.request.get_headers":      block(func(x *Exchange) lines { return x.headers }),
	"kong.request.get_http_version": fixed(func(*Exchange) any { return 1.1 }),
	"kong.request.get_raw_body":     fixed(func(x *Exchange) any { return bytesOf(x.body) }),
	"kong.request.get_body":         fixed(func(x *Exchange) any { return parsed(x.body, x.headers.first("content-type")) }),
	"kong.response.get_status":      fixed(func(x *Exchange) any { return x.Status() }),
	"kong.response.get_header":      header(towardsClient),
	"kong.response.get_headers":     block(towardsClient),
	"kong.response.get_source":      fixed(func(*Exchange) any { return "service" }),
	"kong.response.get_raw_body":    fixed(func(x *Exchange) any { return bytesOf(x.ResponseBody()) }),
	"kong.service.response.get_status": fixed(func(x *Exchange) any {
		x.receive()
		return x.Upstream.Status
	}),
	"kong.service.response.get_header":   header(fromUpstream),
	"kong.service.response.get_headers":  block(fromUpstream),
	"kong.service.response.get_raw_body": fixed(func(x *Exchange) any { return bytesOf(x.Upstream.Body) }),
	"kong.service.response.get_body": fixed(func(x *Exchange) any {
		return parsed(x.Upstream.Body, fromUpstream(x).first("content-type"))
	}),
	"kong.ctx.shared.get": func(x *Exchange, args []any) any { return x.shared[textOf(args[0])] },
	"kong.ctx.plugin.get": func(x *Exchange, args []any) any { return x.own[textOf(args[0])] },
}

func towardsClient(x *Exchange) lines {
	x.receive()
	return x.response
}

func fromUpstream(x *Exchange) lines { return linesOf(x.Upstream.Headers) }

func header(of func(*Exchange) lines) getter {
	return func(x *Exchange, args []any) any {
		if value, ok := of(x).find(textOf(args[0])); ok {
			return value
		}
		return nil
	}
}

func block(of func(*Exchange) lines) getter {
	return func(x *Exchange, args []any) any {
		all := of(x)
		return all[:min(len(all), limitOf(args[0], len(all)))].block()
	}
}

func limitOf(value any, otherwise int) int {
	if limit, ok := value.(int64); ok {
		return int(limit)
	}
	return otherwise
}

func idOf(entity any) any {
	fields, _ := entity.(map[string]any)
	return fields["id"]
}

func bytesOf(body []byte) []byte { return append([]byte{}, body...) }

// parsed returns a body of JSON or of a form, nil for others.
func parsed(body []byte, kind string) any {
	switch {
	case strings.HasPrefix(kind, "application/json"):
		var value any
		if json.NewDecoder(bytes.NewReader(body)).Decode(&value) != nil {
			return nil
		}
		return value
	case strings.HasPrefix(kind, "application/x-www-form-urlencoded"):
		form := map[string]any{}
		pairs := pairsOf(string(body))
		for i := 0; i < len(pairs); i += 2 {
			form[textOf(pairs[i])] = pairs[i+1]
		}
		return form
	}
	return nil
}

// changes are what this package does; args have at least two elements more than were given.
var changes = map[string]func(x *Exchange, args []any) error{
	"kong.client.authenticate": func(x *Exchange, args []any) error {
		if args[0] == nil && args[1] == nil {
			return &pdk.Error{Code: "bad_change", Text: "either credential or consumer must be provided"}
		}
		x.consumer, x.credential = args[0], args[1]
		return nil
	},
	"kong.ctx.shared.set": func(x *Exchange, args []any) error { return store(x.shared, args) },
	"kong.ctx.plugin.set": func(x *Exchange, args []any) error { return store(x.own, args) },
	"kong.service.request.set_method": func(x *Exchange, args []any) error {
		x.method = textOf(args[0])
		return nil
	},
	"kong.service.request.set_path": func(x *Exchange, args []any) error {
		x.path = textOf(args[0])
		return nil
	},
	"kong.service.request.set_raw_query": func(x *Exchange, args []any) error {
		x.query = textOf(args[0])
		return nil
	},
	"kong.service.request.set_query": func(x *Exchange, args []any) error {
		x.query = encodeQuery(args[0])
		return nil
	},
	"kong.service.request.set_raw_body": func(x *Exchange, args []any) error {
		x.body = []byte(textOf(args[0]))
		return nil
	},
	"kong.service.request.set_header": func(x *Exchange, args []any) error {
		x.headers = x.headers.without(textOf(args[0])).with(textOf(args[0]), written(args[1]))
		return nil
	},
	"kong.service.request.add_header": func(x *Exchange, args []any) error {
		x.headers = x.headers.with(textOf(args[0]), written(args[1]))
		return nil
	},
	"kong.service.request.clear_header": func(x *Exchange, args []any) error {
		x.headers = x.headers.without(textOf(args[0]))
		return nil
	},
	"kong.service.request.set_headers": func(x *Exchange, args []any) error {
		x.headers = setAll(x.headers, args[0])
		return nil
	},
	"kong.response.set_status": func(x *Exchange, args []any) error {
		status, _ := args[0].(int64)
		x.status = int(status)
		return nil
	},
	"kong.response.set_raw_body": func(x *Exchange, args []any) error {
		x.receive()
		x.responseBody = []byte(textOf(args[0]))
		return nil
	},
	"kong.response.set_header": func(x *Exchange, args []any) error {
		x.response = x.response.without(textOf(args[0])).with(textOf(args[0]), written(args[1]))
		return nil
	},
	"kong.response.add_header": func(x *Exchange, args []any) error {
		x.response = x.response.with(textOf(args[0]), written(args[1]))
		return nil
	},
	"kong.response.clear_header": func(x *Exchange, args []any) error {
		x.response = x.response.without(textOf(args[0]))
		return nil
	},
	"kong.response.set_headers": func(x *Exchange, args []any) error {
		x.response = setAll(x.response, args[0])
		return nil
	},
}

func store(values map[string]any, args []any) error {
	if args[1] == nil {
		delete(values, textOf(args[0]))
	} else {
		values[textOf(args[0])] = args[1]
	}
	return nil
}

func setAll(headers lines, flat any) lines {
	list, _ := flat.([]any)
	for i := 0; i+1 < len(list); i += 2 {
		name := textOf(list[i])
		headers = headers.without(name).with(name, written(list[i+1]))
	}
	return headers
}

func encodeQuery(args any) string {
	values, _ := args.(map[string]any)
	var pieces []string
	for name, value := range values {
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for _, item := range list {
			switch item {
			case true:
				pieces = append(pieces, escape(name))
			case false:
			default:
				pieces = append(pieces, fmt.Sprintf("%s=%s", escape(name), escape(textOf(item))))
			}
		}
	}
	sort.Strings(pieces)
	return strings.Join(slices.Clip(pieces), "&")
}

func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
