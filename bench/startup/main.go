// Command startup measures how long each function takes from its start to its
// first question for work, as Lambda waits for it, and what memory it has then.
//
//	startup -plain FILE -five FILE [-assets FOLDER] [-runs N] FOLDER
//
// FOLDER has a folder for each function with its bootstrap, built for this
// machine; plain and five are the programs to compare with. With -assets it
// also prints how large each bootstrap that goes to AWS is, as the ZIP that
// Lambda gets. All take turns, so that a busy machine is as unfair to one as to
// another.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"
)

func main() {
	plain := flag.String("plain", "", "the program without the SDK")
	five := flag.String("five", "", "the program with five clients")
	assets := flag.String("assets", "", "the folder of the bootstraps that go to AWS")
	runs := flag.Int("runs", 15, "how often each is started")
	flag.Parse()
	if err := run(*plain, *five, *assets, flag.Arg(0), *runs); err != nil {
		fmt.Fprintln(os.Stderr, "startup:", err)
		os.Exit(1)
	}
}

func run(plain, five, assets, folder string, runs int) error {
	programs := []program{{name: "(without SDK)", path: plain}, {name: "(five clients)", path: five}}
	bootstraps, err := filepath.Glob(filepath.Join(folder, "*", "bootstrap"))
	if err != nil || len(bootstraps) == 0 {
		return fmt.Errorf("no bootstrap in %q: run make host", folder)
	}
	for _, path := range bootstraps {
		programs = append(programs, program{name: filepath.Base(filepath.Dir(path)), path: path})
	}
	runtime, err := serve()
	if err != nil {
		return err
	}
	defer runtime.close()
	for range runs {
		for i := range programs {
			if err := programs[i].measure(runtime); err != nil {
				return err
			}
		}
	}
	return print(programs, assets)
}

// print writes a table: the median of each, and how that compares.
func print(programs []program, assets string) error {
	plain, five := programs[0].median(), programs[1].median()
	// What can't be written shows at Flush.
	table := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "function\tms to first next\tof the one without SDK\tof the one with five\tMiB resident\tMB as ZIP\t")
	var slowest, largest float64
	for i, p := range programs {
		size := ""
		if assets != "" && i > 1 {
			bytes, err := zipped(filepath.Join(assets, p.name, "bootstrap"))
			if err != nil {
				return err
			}
			size = fmt.Sprintf("%.2f", float64(bytes)/1e6)
			largest = max(largest, float64(bytes)/1e6)
		}
		took := p.median()
		if i > 1 {
			slowest = max(slowest, ratio(took, plain))
		}
		_, _ = fmt.Fprintf(table, "%s\t%.1f\t%.2f\t%.2f\t%.1f\t%s\t\n", p.name, milliseconds(took), ratio(took, plain), ratio(took, five), p.memory(), size)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Printf("slowest %.2f times the one without SDK (aim 1.5), largest %.2f MB (aim 4)\n", slowest, largest)
	return nil
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func middle[T int64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
