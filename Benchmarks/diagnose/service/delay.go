package main

import (
	"io"
	"net"
	"time"
)

// delay passes connections from LISTEN on to TO, and holds each piece of what is sent there back for TIME.
func delay(s settings) error {
	listener, err := net.Listen("tcp", s.text("LISTEN", ""))
	if err != nil {
		return err
	}
	for {
		client, err := listener.Accept()
		if err != nil {
			return err
		}
		go pass(client, s.text("TO", ""), s.time("TIME", 100*time.Millisecond))
	}
}

func pass(client net.Conn, to string, time_ time.Duration) {
	defer client.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		io.Copy(client, server)
		client.Close()
	}()
	block := make([]byte, 64<<10)
	for {
		count, err := client.Read(block)
		if err != nil {
			return
		}
		time.Sleep(time_)
		if _, err := server.Write(block[:count]); err != nil {
			return
		}
	}
}
