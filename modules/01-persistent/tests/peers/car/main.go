// CARs as go-car, the library that Kubo imports and exports with, sees them.
//
//	car FILE...            prints for each "file FILE", then "root CID" for each root, then "CID LENGTH"
//	                       for each block, each of them hashed, then for a CARv2 with an index "index CODEC",
//	                       each block found by it, then "reached N": how many blocks links of dag-cbor lead to
//	                       from the roots
//	car index CODEC FILE   writes the CAR to stdout as a CARv2 with this index
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	cbor "github.com/ipfs/go-ipld-cbor"
	car "github.com/ipld/go-car/v2"
	"github.com/ipld/go-car/v2/index"
	"github.com/multiformats/go-multicodec"
	"github.com/multiformats/go-multihash"
)

func read(path string) error {
	fmt.Println("file", path)
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	reader, err := car.NewBlockReader(file)
	if err != nil {
		return err
	}
	for _, root := range reader.Roots {
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
	if reader.Version == 2 {
		if err := readIndex(path, all); err != nil {
			return err
		}
	}
	reached := make(map[cid.Cid]bool)
	todo := reader.Roots
	for len(todo) > 0 {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reached[next] {
			continue
		}
		reached[next] = true
		if next.Prefix().MhType == multihash.IDENTITY {
			// Its bytes are its name.
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

// Finds every block by the index of a CARv2, and nothing else in it.
func readIndex(path string, all map[cid.Cid]blocks.Block) error {
	file, err := car.OpenReader(path)
	if err != nil {
		return err
	}
	defer file.Close()
	from, err := file.IndexReader()
	if err != nil || from == nil {
		return err
	}
	idx, err := index.ReadFrom(from)
	if err != nil {
		return err
	}
	data, err := file.DataReader()
	if err != nil {
		return err
	}
	for c, block := range all {
		if c.Prefix().MhType == multihash.IDENTITY && !file.Header.Characteristics.IsFullyIndexed() {
			continue
		}
		var at uint64
		if err := idx.GetAll(c, func(offset uint64) bool {
			at = offset
			return false
		}); err != nil {
			return fmt.Errorf("%s by the index: %w", c, err)
		}
		section := make([]byte, 10+len(c.Bytes())+len(block.RawData()))
		n, err := data.ReadAt(section, int64(at))
		if err != nil && err != io.EOF {
			return err
		}
		end := append(c.Bytes(), block.RawData()...)
		if !bytes.Contains(section[:n], end) {
			return fmt.Errorf("%s is not at %d, where the index says", c, at)
		}
	}
	fmt.Println("index", idx.Codec())
	return nil
}

func writeIndex(codec, path string) error {
	var code multicodec.Code
	if err := code.Set(codec); err != nil {
		return err
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	idx, err := car.GenerateIndex(bytes.NewReader(whole), car.UseIndexCodec(code))
	if err != nil {
		return err
	}
	if _, err := os.Stdout.Write(car.Pragma); err != nil {
		return err
	}
	if _, err := car.NewHeader(uint64(len(whole))).WriteTo(os.Stdout); err != nil {
		return err
	}
	if _, err := os.Stdout.Write(whole); err != nil {
		return err
	}
	_, err = index.WriteTo(idx, os.Stdout)
	return err
}

func main() {
	args := os.Args[1:]
	if len(args) == 3 && args[0] == "index" {
		if err := writeIndex(args[1], args[2]); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", args[2], err)
			os.Exit(1)
		}
		return
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: car FILE... | car index CODEC FILE")
		os.Exit(1)
	}
	failed := false
	for _, path := range args {
		if err := read(path); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}
