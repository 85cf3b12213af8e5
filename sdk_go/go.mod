module github.com/oarlock/oarlock/sdk_go

go 1.22
