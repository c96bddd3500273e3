// Command growinglog keeps a log with public Go code (golang.org/x/mod/sumdb) and asks a C2SP witness to cosign it while it
// grows. Then it lies: it shows the witness a fork, an older size and a path that leads nowhere.
//
//	growinglog -vkey                    prints the log's verifier key
//	growinglog URL WITNESS-VKEY         one line of JSON for each request: what was tried, the status, whether the cosignature holds
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "growing.example/log"

// The key is made from a fixed seed: this log exists for tests alone.
func keys() (skey, vkey string) {
	skey, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 32)), origin)
	check(err)
	return skey, vkey
}

type tree struct {
	hashes []tlog.Hash
	size   int64
	name   string
}

func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		found[i] = t.hashes[index]
	}
	return found, nil
}

func (t *tree) growTo(size int64) {
	for ; t.size < size; t.size++ {
		stored, err := tlog.StoredHashes(t.size, []byte(fmt.Sprintf("%s %d", t.name, t.size)), t)
		check(err)
		t.hashes = append(t.hashes, stored...)
	}
}

func (t *tree) note(signer note.Signer) string {
	root, err := tlog.TreeHash(t.size, t)
	check(err)
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, t.size, root)}, signer)
	check(err)
	return string(signed)
}

type answer struct {
	What   string `json:"what"`
	Status int    `json:"status"`
	Body   string `json:"body"`
	Holds  bool   `json:"holds"`
}

func main() {
	log.SetFlags(0)
	skey, vkey := keys()
	if len(os.Args) == 2 && os.Args[1] == "-vkey" {
		fmt.Println(vkey)
		return
	}
	if len(os.Args) != 3 {
		log.Fatal("expected -vkey, or the witness's URL and its verifier key")
	}
	signer, err := note.NewSigner(skey)
	check(err)
	witness, err := torchwood.NewCosignatureVerifier(os.Args[2])
	check(err)

	ask := func(what string, old int64, path []tlog.Hash, signed string) {
		var body strings.Builder
		fmt.Fprintf(&body, "old %d\n", old)
		for _, hash := range path {
			fmt.Fprintln(&body, base64.StdEncoding.EncodeToString(hash[:]))
		}
		fmt.Fprintf(&body, "\n%s", signed)
		response, err := http.Post(os.Args[1]+"/add-checkpoint", "text/plain", strings.NewReader(body.String()))
		check(err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		check(err)
		_, err = note.Open([]byte(signed+string(text)), note.VerifierList(witness))
		line, err2 := json.Marshal(answer{what, response.StatusCode, string(text), response.StatusCode == 200 && err == nil})
		check(err2)
		fmt.Println(string(line))
	}

	honest, fork := &tree{name: "entry"}, &tree{name: "other"}
	old := int64(0)
	for _, size := range []int64{1, 2, 7, 256, 300} {
		honest.growTo(size)
		var path []tlog.Hash
		if old > 0 {
			path, err = tlog.ProveTree(size, old, honest)
			check(err)
		}
		ask(fmt.Sprintf("grown to %d", size), old, path, honest.note(signer))
		old = size
	}
	ask("the same again", old, nil, honest.note(signer))
	ask("an old size that is not the last", 7, nil, honest.note(signer))
	smaller := &tree{name: "entry"}
	smaller.growTo(256)
	ask("a rollback", old, nil, smaller.note(signer))
	fork.growTo(300)
	ask("another root for the size", old, nil, fork.note(signer))
	fork.growTo(310)
	path, err := tlog.ProveTree(310, 300, fork)
	check(err)
	ask("a fork that has grown", old, path, fork.note(signer))
	honest.growTo(310)
	ask("no path", old, nil, honest.note(signer))
	stranger, _, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{8}, 32)), origin)
	check(err)
	other, err := note.NewSigner(stranger)
	check(err)
	ask("another key", old, nil, honest.note(other))
	path, err = tlog.ProveTree(310, 300, honest)
	check(err)
	ask("grown to 310", old, path, honest.note(signer))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
