module conformance

go 1.22

require github.com/oarlock/oarlock/sdk_go v0.0.0

replace github.com/oarlock/oarlock/sdk_go => ../../../../sdk_go
