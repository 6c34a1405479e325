module consumers

go 1.24.0

require (
	github.com/joshdk/go-junit v1.0.0
	github.com/xeipuuv/gojsonschema v1.2.0
)

require (
	github.com/stretchr/testify v1.11.1 // indirect
	github.com/xeipuuv/gojsonpointer v0.0.0-20180127040702-4e3ac2762d5f // indirect
	github.com/xeipuuv/gojsonreference v0.0.0-20180127040603-bd5ef7bd5415 // indirect
)
