// status-writer writes the status of WorkflowExecutions at a steady rate, as a controller does, and counts what was lost.
//
// Each object lives through Pending, Running with progress, and Completed, and is then replaced by a new one. SIGTERM ends
// it; what it counted is then printed as one JSON object.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
)

// writesOfALife is how many status writes one object gets: Pending, Running with as many tasks as fit, Completed.
const writesOfALife = 10

var executions = schema.GroupVersionResource{
	Group: "kubernaut.ai", Version: "v1alpha1", Resource: "workflowexecutions",
}

// lostWrite is a write that the API server refused or did not answer.
type lostWrite struct {
	At    time.Time `json:"at"`
	Error string    `json:"error"`
}

// result is what is printed in the end.
type result struct {
	Written int `json:"written"`
	// When those were sent that were stored without the conditions that the phase implies.
	Uncompleted []time.Time `json:"uncompleted"`
	Lost        []lostWrite `json:"lost"`
	SlowestMs   int64       `json:"slowest_ms"`
}

type counter struct {
	sync.Mutex
	result
}

func (c *counter) count(began time.Time, conditions, implied int, err error) {
	c.Lock()
	defer c.Unlock()
	c.SlowestMs = max(c.SlowestMs, time.Since(began).Milliseconds())
	switch {
	case err != nil:
		c.Lost = append(c.Lost, lostWrite{began.UTC(), err.Error()})
	case conditions < implied:
		c.Written++
		c.Uncompleted = append(c.Uncompleted, began.UTC())
	default:
		c.Written++
	}
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "of a user that may write WorkflowExecutions")
	namespace := flag.String("namespace", "default", "where the objects are created")
	rate := flag.Int("rate", 50, "status writes a second")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	config.QPS = -1
	config.Timeout = 30 * time.Second
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		log.Fatal(err)
	}

	// More writers than one write's time asks for, so that a slow write delays no other.
	turns := make(chan struct{}, *rate)
	counted := &counter{result: result{Uncompleted: []time.Time{}, Lost: []lostWrite{}}}
	var writers sync.WaitGroup
	for number := range *rate {
		writers.Go(func() {
			w := writer{objects: client.Resource(executions).Namespace(*namespace), number: number, counted: counted}
			for range turns {
				w.write()
			}
		})
	}
	ticks := time.NewTicker(time.Second / time.Duration(*rate))
	defer ticks.Stop()
	for ctx.Err() == nil {
		select {
		case <-ticks.C:
			turns <- struct{}{}
		case <-ctx.Done():
		}
	}
	close(turns)
	writers.Wait()
	if err := json.NewEncoder(os.Stdout).Encode(counted.result); err != nil {
		log.Fatal(err)
	}
}

// writer leads one object after the other through its life.
type writer struct {
	objects dynamic.ResourceInterface
	counted *counter
	number  int
	lives   int
	step    int
	object  *unstructured.Unstructured
}

func (w *writer) write() {
	ctx := context.Background()
	if w.object == nil {
		if err := w.create(ctx); err != nil {
			log.Printf("cannot create an object: %v", err)
			return
		}
	}
	status, implied := w.next()
	w.object.Object["status"] = status
	began := time.Now()
	stored, err := w.objects.UpdateStatus(ctx, w.object, metav1.UpdateOptions{})
	if err == nil {
		w.object = stored
	}
	conditions, _, _ := unstructured.NestedSlice(w.object.Object, "status", "conditions")
	w.counted.count(began, len(conditions), implied, err)
	if err != nil {
		log.Print(err)
		// Stored or not: what is there now is what the next write starts from.
		if now, err := w.objects.Get(ctx, w.object.GetName(), metav1.GetOptions{}); err == nil {
			w.object = now
		}
		return
	}
	w.step++
	if w.step == writesOfALife {
		if err := w.objects.Delete(ctx, w.object.GetName(), metav1.DeleteOptions{}); err != nil {
			log.Printf("cannot delete an object: %v", err)
		}
		w.object = nil
	}
}

func (w *writer) create(ctx context.Context) error {
	w.lives++
	w.step = 0
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "kubernaut.ai/v1alpha1",
		"kind":       "WorkflowExecution",
		"metadata":   map[string]any{"name": fmt.Sprintf("writer-%d-%d-%d", os.Getpid(), w.number, w.lives)},
		"spec": map[string]any{
			"workflowRef":    map[string]any{"workflowId": "restart"},
			"targetResource": "payments/deployment/api",
		},
	}}
	created, err := w.objects.Create(ctx, object, metav1.CreateOptions{})
	if err == nil {
		w.object = created
	}
	return err
}

// next is the status of the object's next write, without conditions of its own, and how many it implies.
func (w *writer) next() (status map[string]any, implied int) {
	now := time.Now().UTC().Format(time.RFC3339)
	last := int64(writesOfALife - 2)
	status = map[string]any{}
	if conditions, ok, _ := unstructured.NestedSlice(w.object.Object, "status", "conditions"); ok {
		status["conditions"] = conditions
	}
	if w.step == 0 {
		status["phase"] = "Pending"
		return status, 0
	}
	status["startTime"] = w.object.GetCreationTimestamp().UTC().Format(time.RFC3339)
	status["executionRef"] = map[string]any{"name": w.object.GetName()}
	progress := map[string]any{"status": "Unknown", "completedTasks": int64(w.step - 1), "totalTasks": last}
	// Its reason is what has an API server call /validate: a write that reports progress alone would need no call.
	progress["reason"] = fmt.Sprintf("Task%d", w.step)
	if int64(w.step) <= last {
		status["phase"] = "Running"
		status["executionStatus"] = progress
		return status, 2
	}
	status["phase"] = "Completed"
	status["completionTime"] = now
	progress["status"] = "True"
	progress["completedTasks"] = last
	status["executionStatus"] = progress
	return status, 3
}
