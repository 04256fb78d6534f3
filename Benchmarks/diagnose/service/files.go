package main

import (
	"math/rand"
	"net/http"
	"os"
	"path/filepath"
)

// files serves 16 KiB from a random place of the file set at ROOT, which it makes of SIZE MiB where it is missing.
func files(s settings) error {
	path := filepath.Join(s.text("ROOT", "/srv/files"), "set")
	size := int64(s.number("SIZE", 300)) << 20
	if info, err := os.Stat(path); err != nil || info.Size() != size {
		if err := fill(path, size); err != nil {
			return err
		}
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	const part = 16 << 10
	routes := http.NewServeMux()
	routes.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	routes.HandleFunc("/", func(answer http.ResponseWriter, _ *http.Request) {
		block := make([]byte, part)
		if _, err := file.ReadAt(block, rand.Int63n(size/part)*part); err != nil {
			http.Error(answer, err.Error(), http.StatusInternalServerError)
			return
		}
		answer.Write(block)
	})
	return http.ListenAndServe(s.text("LISTEN", ":8081"), routes)
}

func fill(path string, size int64) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	block := make([]byte, 1<<20)
	rand.Read(block)
	for written := int64(0); written < size; written += int64(len(block)) {
		if _, err := file.Write(block); err != nil {
			return err
		}
	}
	return file.Sync()
}
