// CARs as go-car, the library that Kubo imports and exports with, sees them.
//
//	car FILE...   prints for each "file FILE", then "root CID" for each root, then "CID LENGTH" for
//	              each block, each of them hashed, then "reached N": how many blocks links lead to
//	              from the roots
package main

import (
	"fmt"
	"io"
	"os"

	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	cbor "github.com/ipfs/go-ipld-cbor"
	"github.com/ipld/go-car"
)

func read(path string) error {
	fmt.Println("file", path)
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	reader, err := car.NewCarReader(file)
	if err != nil {
		return err
	}
	for _, root := range reader.Header.Roots {
		fmt.Println("root", root)
	}
	all := make(map[cid.Cid]blocks.Block)
	for {
		block, err := reader.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		fmt.Println(block.Cid(), len(block.RawData()))
		all[block.Cid()] = block
	}
	reached := make(map[cid.Cid]bool)
	todo := reader.Header.Roots
	for len(todo) > 0 {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reached[next] {
			continue
		}
		reached[next] = true
		if next.Prefix().MhType == 0 {
			// An identity: its bytes are its name.
			continue
		}
		block, there := all[next]
		if !there {
			return fmt.Errorf("%s is linked to, and is not there", next)
		}
		if next.Type() != cid.DagCBOR {
			continue
		}
		node, err := cbor.DecodeBlock(block)
		if err != nil {
			return fmt.Errorf("%s: %w", next, err)
		}
		for _, link := range node.Links() {
			todo = append(todo, link.Cid)
		}
	}
	fmt.Println("reached", len(reached))
	return nil
}

func main() {
	files := os.Args[1:]
	if len(files) == 0 {
		fmt.Fprintln(os.Stderr, "usage: car FILE...")
		os.Exit(1)
	}
	failed := false
	for _, path := range files {
		if err := read(path); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}
