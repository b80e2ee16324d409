package cost

import "time"

// FirewallRules is how many rules the web ACL has that sandboxes share (package
// firewall): AWS bills each by the month.
const FirewallRules = 3

// Usage is what was metered of a sandbox in a month.
type Usage struct {
	// What its distribution served: requests, and bytes to and from viewers.
	Requests        uint64 `json:"requests,omitempty"`
	BytesDownloaded uint64 `json:"bytesDownloaded,omitempty"`
	BytesUploaded   uint64 `json:"bytesUploaded,omitempty"`
	// EdgeFunction says that each request runs a function at the edge.
	EdgeFunction bool `json:"edgeFunction,omitempty"`

	// StorageByteHours is what its bucket held, all versions, by the hour, and
	// StorageBytes what it held last.
	StorageByteHours uint64 `json:"storageByteHours,omitempty"`
	StorageBytes     uint64 `json:"storageBytes,omitempty"`
	// ImageByteHours and ImageBytes are the same of its repository.
	ImageByteHours uint64 `json:"imageByteHours,omitempty"`
	ImageBytes     uint64 `json:"imageBytes,omitempty"`
	// Written counts the objects that releases wrote.
	Written uint64 `json:"written,omitempty"`

	// FirewallMillihours is its share of the web ACL that sandboxes with a
	// firewall share, in thousandths of an hour, and FirewallRules how many rules
	// that has. Its requests are the distribution's.
	FirewallMillihours uint64 `json:"firewallMillihours,omitempty"`
	FirewallRules      uint64 `json:"firewallRules,omitempty"`

	// Executions are those of its flows.
	Executions Executions `json:"executions,omitempty"`
}

// Quantity is a metered quantity of an item.
type Quantity struct {
	Item     Item
	Quantity uint64
	// Note says what is not metered and was taken for the dearer.
	Note string
}

// quantities returns what the usage comes to by item, in the order of a bill.
func (u *Usage) quantities(flows map[string]Counted) []Quantity {
	all := []Quantity{
		{CloudFrontRequests, u.Requests, "as if all by HTTPS from where it is dearest in the price class"},
		{CloudFrontTransfer, u.BytesDownloaded, "as if all to where it is dearest in the price class"},
		{CloudFrontOrigin, u.BytesUploaded, "as if all from where it is dearest in the price class"},
	}
	if u.EdgeFunction {
		all = append(all, Quantity{CloudFrontFunctions, u.Requests, "one run for each request"})
	}
	all = append(all,
		Quantity{S3Storage, u.StorageByteHours, ""},
		Quantity{S3Writes, u.Written, "one for each object that releases wrote"},
		Quantity{S3Reads, u.Requests, "as if no request was answered from a cache"},
		Quantity{ECRStorage, u.ImageByteHours, "layers that images share are counted with each"})
	if u.FirewallMillihours > 0 {
		all = append(all,
			Quantity{WAFACL, u.FirewallMillihours, "its share of the one that all share"},
			Quantity{WAFRules, u.FirewallMillihours * u.FirewallRules, "its share of those that all share"},
			Quantity{WAFRequests, u.Requests, "as if it had the firewall all the time"})
	}
	return append(all, u.Executions.quantities(flows)...)
}

// ByteHours returns the byte-hours of bytes held for a time.
func ByteHours(bytes uint64, held time.Duration) uint64 {
	if held <= 0 {
		return 0
	}
	return mulDiv(bytes, uint64(held), uint64(time.Hour))
}
