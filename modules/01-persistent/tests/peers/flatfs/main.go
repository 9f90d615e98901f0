// A folder of blocks as go-ds-flatfs, the library that Kubo keeps its blocks with, sees it.
//
//	flatfs put FOLDER   stores the lines "KEY HEX" of its input, and makes the folder if need be
//	flatfs get FOLDER   prints a line "KEY HEX" for each entry
//
// KEY is the name of the file without its extension.
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	datastore "github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/query"
	flatfs "github.com/ipfs/go-ds-flatfs"
)

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: flatfs put|get FOLDER")
	}
	ctx := context.Background()
	switch args[0] {
	case "put":
		store, err := flatfs.CreateOrOpen(args[1], flatfs.IPFS_DEF_SHARD, true)
		if err != nil {
			return err
		}
		defer store.Close()
		lines := bufio.NewScanner(os.Stdin)
		lines.Buffer(nil, 8<<20)
		for lines.Scan() {
			key, text, _ := strings.Cut(lines.Text(), " ")
			value, err := hex.DecodeString(text)
			if err != nil {
				return err
			}
			if err := store.Put(ctx, datastore.NewKey(key), value); err != nil {
				return err
			}
		}
		return lines.Err()
	case "get":
		store, err := flatfs.Open(args[1], true)
		if err != nil {
			return err
		}
		defer store.Close()
		found, err := store.Query(ctx, query.Query{})
		if err != nil {
			return err
		}
		for entry := range found.Next() {
			if entry.Error != nil {
				return entry.Error
			}
			fmt.Println(strings.TrimPrefix(entry.Key, "/"), hex.EncodeToString(entry.Value))
		}
		return nil
	}
	return fmt.Errorf("%s is neither put nor get", args[0])
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "flatfs:", err)
		os.Exit(1)
	}
}
