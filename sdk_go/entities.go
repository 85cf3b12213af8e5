package pdk

import (
	"github.com/oarlock/oarlock/sdk_go/entities"
	"github.com/oarlock/oarlock/sdk_go/internal/bridge"
)

// authenticate sets consumer and credential; an entity without an id is none.
func authenticate(step *bridge.Step, number int, consumer *entities.Consumer, credential *entities.AuthenticatedCredential) error {
	var who, how map[string]any
	if consumer != nil && consumer.Id != "" {
		who = map[string]any{"id": consumer.Id}
		put(who, "username", consumer.Username)
		put(who, "custom_id", consumer.CustomId)
		if consumer.CreatedAt != 0 {
			who["created_at"] = consumer.CreatedAt
		}
		if consumer.Tags != nil {
			who["tags"] = consumer.Tags
		}
	}
	if credential != nil && credential.Id != "" {
		how = map[string]any{"id": credential.Id}
		put(how, "consumer_id", credential.ConsumerId)
	}
	return step.Do(number, who, how)
}

func put(values map[string]any, name, value string) {
	if value != "" {
		values[name] = value
	}
}

func consumerOf(v map[string]any) entities.Consumer {
	return entities.Consumer{
		Id:        text(v["id"]),
		CreatedAt: whole(v["created_at"]),
		Username:  text(v["username"]),
		CustomId:  text(v["custom_id"]),
		Tags:      texts(v["tags"]),
	}
}

func credentialOf(v map[string]any) entities.AuthenticatedCredential {
	return entities.AuthenticatedCredential{Id: text(v["id"]), ConsumerId: text(v["consumer_id"])}
}

func routeOf(v map[string]any) entities.Route {
	return entities.Route{
		Id:                      text(v["id"]),
		CreatedAt:               whole(v["created_at"]),
		UpdatedAt:               whole(v["updated_at"]),
		Name:                    text(v["name"]),
		Protocols:               texts(v["protocols"]),
		Methods:                 texts(v["methods"]),
		Hosts:                   texts(v["hosts"]),
		Paths:                   texts(v["paths"]),
		Headers:                 texts(v["headers"]),
		HTTPSRedirectStatusCode: whole(v["https_redirect_status_code"]),
		RegexPriority:           whole(v["regex_priority"]),
		StripPath:               v["strip_path"] == true,
		PreserveHost:            v["preserve_host"] == true,
		SNIs:                    texts(v["snis"]),
		Sources:                 texts(v["sources"]),
		Destinations:            texts(v["destinations"]),
		Tags:                    texts(v["tags"]),
		Service:                 entities.ServiceKey{Id: idOf(v["service"])},
	}
}

func serviceOf(v map[string]any) entities.Service {
	return entities.Service{
		Id:                text(v["id"]),
		CreatedAt:         whole(v["created_at"]),
		UpdatedAt:         whole(v["updated_at"]),
		Name:              text(v["name"]),
		Retries:           whole(v["retries"]),
		Protocol:          text(v["protocol"]),
		Host:              text(v["host"]),
		Port:              whole(v["port"]),
		Path:              text(v["path"]),
		ConnectTimeout:    whole(v["connect_timeout"]),
		WriteTimeout:      whole(v["write_timeout"]),
		ReadTimeout:       whole(v["read_timeout"]),
		Tags:              texts(v["tags"]),
		ClientCertificate: entities.CertificateKey{Id: idOf(v["client_certificate"])},
	}
}

func memoryStatsOf(v map[string]any) entities.MemoryStats {
	var stats entities.MemoryStats
	dicts, _ := v["lua_shared_dicts"].(map[string]any)
	stats.LuaSharedDicts.Kong = dictOf(dicts["kong"])
	stats.LuaSharedDicts.KongDbCache = dictOf(dicts["kong_db_cache"])
	workers, _ := v["workers_lua_vms"].([]any)
	for _, worker := range workers {
		vm, _ := worker.(map[string]any)
		stats.WorkersLuaVms = append(stats.WorkersLuaVms, entities.WorkerMemory{
			HttpAllocatedGc: int64(whole(vm["http_allocated_gc"])),
			Pid:             int64(whole(vm["pid"])),
		})
	}
	return stats
}

func dictOf(value any) entities.DictMemory {
	v, _ := value.(map[string]any)
	return entities.DictMemory{
		AllocatedSlabs: int64(whole(v["allocated_slabs"])),
		Capacity:       int64(whole(v["capacity"])),
	}
}

func idOf(value any) string {
	v, _ := value.(map[string]any)
	return text(v["id"])
}

func text(value any) string {
	v, _ := bridge.String(value, nil)
	return v
}

func texts(value any) []string {
	list, _ := value.([]any)
	var values []string
	for _, item := range list {
		values = append(values, text(item))
	}
	return values
}

func whole(value any) int {
	v, _ := bridge.Float(value, nil)
	return int(v)
}
