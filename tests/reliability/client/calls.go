package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"sort"
	"strconv"
	"sync"
	"time"
)

// caller posts one review again and again.
type caller struct {
	url, caFile, bodyFile string
	idleTimeout, timeout  time.Duration

	client *http.Client
	body   []byte

	mutex    sync.Mutex
	report   report
	answered []answer
	shed     []time.Duration
}

// answer is one that is not 429.
type answer struct {
	begin   time.Time
	latency time.Duration
}

// report is what became of the calls.
type report struct {
	// Answered has the number of calls for each status.
	Answered map[string]int `json:"answered"`
	// Lost has the number of calls without an answer for each error.
	Lost map[string]int `json:"lost"`
	// RetryAfter has the number of answers for each value of Retry-After.
	RetryAfter map[string]int `json:"retry_after"`
	// Reused is the number of calls on a connection that had been used before.
	Reused int `json:"reused"`
	// Seconds is how long it went on.
	Seconds float64 `json:"seconds"`
	// P50 and P99 are latencies in milliseconds of all answers but 429, ShedP50 and ShedP99 of those.
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	ShedP50 float64 `json:"shed_p50_ms"`
	ShedP99 float64 `json:"shed_p99_ms"`
	// Settled is after how many milliseconds the first calls began that were fast, calm of them in a row; it is absent
	// when none were, or nobody asked.
	Settled *float64 `json:"settled_ms"`
}

// calm is how many fast calls in a row are more than luck.
const calm = 20

func (c *caller) flags(flags *flag.FlagSet) {
	flags.StringVar(&c.url, "url", "", "where to post")
	flags.StringVar(&c.caFile, "ca", "", "file with the CA to trust")
	flags.StringVar(&c.bodyFile, "body", "", "file with the review")
	flags.DurationVar(&c.idleTimeout, "idle-timeout", 90*time.Second, "after which an idle connection is closed; 0 is never")
	flags.DurationVar(&c.timeout, "timeout", 60*time.Second, "for a call")
}

// open sets the pool up as a kube-apiserver does for a webhook: 25 idle connections, no TLS sessions to resume.
func (c *caller) open() {
	ca, err := os.ReadFile(c.caFile)
	if err != nil {
		fail(err.Error())
	}
	if c.body, err = os.ReadFile(c.bodyFile); err != nil {
		fail(err.Error())
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		fail(c.caFile + " holds no certificate")
	}
	c.client = &http.Client{
		Timeout: c.timeout,
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: c.timeout, KeepAlive: 30 * time.Second}).DialContext,
			TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: c.timeout,
			MaxIdleConnsPerHost: 25,
			IdleConnTimeout:     c.idleTimeout,
			ForceAttemptHTTP2:   true,
		},
	}
	c.report = report{Answered: map[string]int{}, Lost: map[string]int{}, RetryAfter: map[string]int{}}
}

// call posts once and takes note of the outcome.
func (c *caller) call() {
	reused := false
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
	request, err := http.NewRequestWithContext(
		httptrace.WithClientTrace(context.Background(), trace), http.MethodPost, c.url, bytes.NewReader(c.body))
	if err != nil {
		fail(err.Error())
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, */*")
	begin := time.Now()
	status, retryAfter, err := c.roundTrip(request)
	latency := time.Since(begin)

	c.mutex.Lock()
	defer c.mutex.Unlock()
	if reused {
		c.report.Reused++
	}
	if err != nil {
		c.report.Lost[err.Error()]++
		return
	}
	c.report.Answered[strconv.Itoa(status)]++
	if retryAfter != "" {
		c.report.RetryAfter[retryAfter]++
	}
	if status == http.StatusTooManyRequests {
		c.shed = append(c.shed, latency)
	} else {
		c.answered = append(c.answered, answer{begin, latency})
	}
}

func (c *caller) roundTrip(request *http.Request) (status int, retryAfter string, err error) {
	response, err := c.client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return 0, "", err
	}
	return response.StatusCode, response.Header.Get("Retry-After"), nil
}

// finish gives the report of what was done since begin.
func (c *caller) finish(begin time.Time) report {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.report.Seconds = time.Since(begin).Seconds()
	latencies := make([]time.Duration, len(c.answered))
	for i, answer := range c.answered {
		latencies[i] = answer.latency
	}
	c.report.P50, c.report.P99 = quantile(latencies, 0.5), quantile(latencies, 0.99)
	c.report.ShedP50, c.report.ShedP99 = quantile(c.shed, 0.5), quantile(c.shed, 0.99)
	return c.report
}

// settled tells how long after begin latencies stayed within a limit for the first time.
func (c *caller) settled(begin time.Time, within time.Duration) *float64 {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	sort.Slice(c.answered, func(i, j int) bool { return c.answered[i].begin.Before(c.answered[j].begin) })
	fast := 0
	for i, answer := range c.answered {
		if answer.latency > within {
			fast = 0
			continue
		}
		if fast++; fast == calm {
			after := c.answered[i+1-calm].begin.Sub(begin).Seconds() * 1000
			return &after
		}
	}
	return nil
}

func quantile(latencies []time.Duration, part float64) float64 {
	if len(latencies) == 0 {
		return 0
	}
	sort.Slice(latencies, func(i, j int) bool { return latencies[i] < latencies[j] })
	return latencies[int(part*float64(len(latencies)-1))].Seconds() * 1000
}

// loadCommand calls at a constant rate, as far as its workers can, until it is stopped.
func loadCommand(flags *flag.FlagSet) func(<-chan struct{}) any {
	c := &caller{}
	c.flags(flags)
	rate := flags.Float64("rate", 0, "calls a second; 0 is as many as the workers can")
	workers := flags.Int("workers", 25, "calls at the same time, at most")
	within := flags.Duration("settled-within", 0, "latency of a fast call; report when calls became fast")
	return func(stop <-chan struct{}) any {
		c.open()
		c.call()
		begun()
		begin := time.Now()
		due := make(chan struct{})
		var working sync.WaitGroup
		for range *workers {
			working.Add(1)
			go func() {
				defer working.Done()
				for range due {
					c.call()
				}
			}()
		}
		for count := 1; ; count++ {
			if *rate > 0 {
				time.Sleep(time.Until(begin.Add(time.Duration(float64(count) / *rate * float64(time.Second)))))
			}
			select {
			case <-stop:
				close(due)
				working.Wait()
				c.report.Settled = c.settled(begin, *within)
				return c.finish(begin)
			case due <- struct{}{}:
			}
		}
	}
}

// burstsCommand calls several times at once, waits, and does so again.
func burstsCommand(flags *flag.FlagSet) func(<-chan struct{}) any {
	c := &caller{}
	c.flags(flags)
	calls := flags.Int("calls", 25, "calls at the same time")
	gap := flags.Duration("gap", time.Second, "between two bursts")
	rounds := flags.Int("rounds", 2, "bursts")
	return func(<-chan struct{}) any {
		c.open()
		begun()
		begin := time.Now()
		for round := range *rounds {
			if round > 0 {
				time.Sleep(*gap)
			}
			var calling sync.WaitGroup
			for range *calls {
				calling.Add(1)
				go func() {
					defer calling.Done()
					c.call()
				}()
			}
			calling.Wait()
		}
		return c.finish(begin)
	}
}
