module example.com/wfe-webhook/reliability-client

go 1.22
