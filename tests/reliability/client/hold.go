package main

import (
	"flag"
	"net"
	"sync"
	"time"
)

// holdCommand opens TCP connections, says nothing on them, and keeps them until it is stopped.
func holdCommand(flags *flag.FlagSet) func(<-chan struct{}) any {
	address := flags.String("address", "", "where to connect to")
	count := flags.Int("connections", 500, "how many")
	return func(stop <-chan struct{}) any {
		var opening sync.WaitGroup
		var mutex sync.Mutex
		var open []net.Conn
		var refused int
		dialer := net.Dialer{Timeout: time.Minute}
		for range *count {
			opening.Add(1)
			go func() {
				defer opening.Done()
				connection, err := dialer.Dial("tcp", *address)
				mutex.Lock()
				defer mutex.Unlock()
				if err != nil {
					refused++
				} else {
					open = append(open, connection)
				}
			}()
		}
		opening.Wait()
		begun()
		<-stop
		for _, connection := range open {
			connection.Close()
		}
		return map[string]int{"opened": len(open), "refused": refused}
	}
}
