// Package entities has the gateway's entities as plugins see them, with the names that Kong's PDK for Go gives them.
package entities

// ServiceKey refers to a service.
type ServiceKey struct {
	Id string `json:"id"`
}

// CertificateKey refers to a certificate.
type CertificateKey struct {
	Id string `json:"id"`
}

// Route is a rule by which requests reach a service.
type Route struct {
	Id                      string     `json:"id"`
	CreatedAt               int        `json:"created_at"`
	UpdatedAt               int        `json:"updated_at"`
	Name                    string     `json:"name"`
	Protocols               []string   `json:"protocols"`
	Methods                 []string   `json:"methods"`
	Hosts                   []string   `json:"hosts"`
	Paths                   []string   `json:"paths"`
	Headers                 []string   `json:"headers"` // empty, as in Kong: GetRouteAny has them by name
	HTTPSRedirectStatusCode int        `json:"https_redirect_status_code"`
	RegexPriority           int        `json:"regex_priority"`
	StripPath               bool       `json:"strip_path"`
	PreserveHost            bool       `json:"preserve_host"`
	SNIs                    []string   `json:"snis"`
	Sources                 []string   `json:"sources"`
	Destinations            []string   `json:"destinations"`
	Tags                    []string   `json:"tags"`
	Service                 ServiceKey `json:"service"`
}

// Service is an upstream API. Time-outs are in milliseconds.
type Service struct {
	Id                string         `json:"id"`
	CreatedAt         int            `json:"created_at"`
	UpdatedAt         int            `json:"updated_at"`
	Name              string         `json:"name"`
	Retries           int            `json:"retries"`
	Protocol          string         `json:"protocol"`
	Host              string         `json:"host"`
	Port              int            `json:"port"`
	Path              string         `json:"path"`
	ConnectTimeout    int            `json:"connect_timeout"`
	WriteTimeout      int            `json:"write_timeout"`
	ReadTimeout       int            `json:"read_timeout"`
	Tags              []string       `json:"tags"`
	ClientCertificate CertificateKey `json:"client_certificate"`
}

// Consumer is who calls an API.
type Consumer struct {
	Id        string   `json:"id"`
	CreatedAt int      `json:"created_at"`
	Username  string   `json:"username"`
	CustomId  string   `json:"custom_id"`
	Tags      []string `json:"tags"`
}

// AuthenticatedCredential is what a consumer authenticated with.
type AuthenticatedCredential struct {
	Id         string `json:"id"`
	ConsumerId string `json:"consumer_id"`
}

// MemoryStats says how much memory a node uses, in bytes.
type MemoryStats struct {
	LuaSharedDicts struct {
		Kong        DictMemory `json:"kong"`
		KongDbCache DictMemory `json:"kong_db_cache"`
	} `json:"lua_shared_dicts"`
	WorkersLuaVms []WorkerMemory `json:"workers_lua_vms"`
}

// DictMemory is the memory of a shared dictionary, in bytes.
type DictMemory struct {
	AllocatedSlabs int64 `json:"allocated_slabs"`
	Capacity       int64 `json:"capacity"`
}

// WorkerMemory is the memory of a worker process, in bytes.
type WorkerMemory struct {
	HttpAllocatedGc int64 `json:"http_allocated_gc"`
	Pid             int64 `json:"pid"`
}
