// Renders many kustomizations in one process, with the packages kubectl has `kustomize` from.
//
// For each directory named on a line of standard input it answers `ok N` or `error N`, a line
// break, and N bytes: what `kubectl kustomize DIR` would print, or why it would not.
package main

import (
	"bufio"
	"fmt"
	"os"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func render(directory string) (text []byte, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("panic: %v", problem)
		}
	}()
	options := krusty.MakeDefaultOptions()
	// What `kubectl kustomize` chooses when the kustomization does not.
	options.Reorder = krusty.ReorderOptionLegacy
	objects, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), directory)
	if err != nil {
		return nil, err
	}
	return objects.AsYaml()
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	for lines.Scan() {
		word := "ok"
		text, err := render(lines.Text())
		if err != nil {
			word, text = "error", []byte(err.Error())
		}
		fmt.Fprintf(out, "%s %d\n", word, len(text))
		out.Write(text)
		if out.Flush() != nil {
			return
		}
	}
}
