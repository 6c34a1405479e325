// Command controller-runtime is the webhook as it is usually written: rules and completion over Go types, by
// controller-runtime's webhook server.
package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strconv"

	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

func allow(context.Context, admission.Request) admission.Response {
	return admission.Allowed("")
}

func main() {
	port := flag.Int("port", 9443, "where to listen")
	certificate := flag.String("tls-cert", "tls.crt", "certificate to serve")
	key := flag.String("tls-key", "tls.key", "its key, in the same folder")
	flag.Parse()

	ctrl.SetLogger(zap.New())
	scheme := runtime.NewScheme()
	scheme.AddKnownTypes(groupVersion, &WorkflowExecution{})
	server := webhook.NewServer(webhook.Options{
		Host: "127.0.0.1", Port: *port,
		CertDir: filepath.Dir(*certificate), CertName: filepath.Base(*certificate), KeyName: filepath.Base(*key),
	})
	server.Register("/mutate", admission.WithDefaulter[*WorkflowExecution](scheme, defaulter{}))
	server.Register("/validate", admission.WithValidator[*WorkflowExecution](scheme, validator{}))
	// The least that a webhook can do on this stack.
	for _, path := range []string{"/null/mutate", "/null/validate"} {
		server.Register(path, &webhook.Admission{Handler: admission.HandlerFunc(allow)})
	}
	if err := server.Start(ctrl.SetupSignalHandler()); err != nil {
		ctrl.Log.Error(err, "cannot serve on port "+strconv.Itoa(*port))
		os.Exit(1)
	}
}
