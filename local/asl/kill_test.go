package asl_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/journal"
)

// victimFolder names the environment variable that makes the test binary a
// process to be killed.
const victimFolder = "MAYFLY_ASL_VICTIM"

// victim starts executions for as long as it lives, and prints each that Start
// has answered for. Two of three fail, one of them by its map run, and are redriven
// before they are printed.
func victim(folder string) error {
	j, err := journal.Open(folder, journal.Options{NoSync: true})
	if err != nil {
		return err
	}
	own := fmt.Sprint(os.Getpid()) + "-"
	var failed sync.Map
	e, err := asl.New(asl.Options{Journal: j, Tasks: asl.TaskFunc(func(ctx context.Context, t asl.Task) ([]byte, error) {
		name := t.ExecutionName
		if t.Input[0] == '"' { // the item of a map
			name = strings.Trim(string(t.Input), `"`)
		}
		fails := strings.HasPrefix(name, own) && (strings.HasSuffix(name, "r") || strings.HasSuffix(name, "m"))
		if _, again := failed.LoadOrStore(name, true); fails && !again {
			return nil, &asl.TaskError{Name: "Broken"}
		}
		return echo(ctx, t)
	})})
	if err != nil {
		return err
	}
	m, err := asl.Parse([]byte(`{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[` + chain(2, taskState) + `,
		{"StartAt":"W","States":{"W":{"Type":"Pass","End":true}}}]}}}`))
	if err != nil {
		return err
	}
	each, err := asl.Parse([]byte(mapping("STANDARD", "", `"I":{"Type":"Task","Resource":"`+function+`x","End":true}`)))
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		name := own + fmt.Sprint(i) + [...]string{"", "r", "m"}[i%3]
		in := asl.StartInput{Machine: m, MachineARN: machineARN, Name: name, Input: []byte(`{"i":1}`)}
		if i%3 == 2 {
			in.Machine, in.Input = each, []byte(`["`+name+`","x"]`)
		}
		started, err := e.Start(context.Background(), in)
		if err != nil {
			return err
		}
		if i%3 > 0 {
			if _, err := e.Wait(context.Background(), started.ExecutionARN); err != nil {
				return err
			}
			if _, err := e.Redrive(started.ExecutionARN, ""); err != nil {
				return err
			}
		}
		if _, err := fmt.Println(name); err != nil {
			return err
		}
	}
}

func TestKilledProcessesLoseNothing(t *testing.T) {
	folder := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	var started []string
	for range 5 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), victimFolder+"="+folder)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for left := 1 + random.IntN(200); left > 0 && lines.Scan(); left-- {
			started = append(started, lines.Text())
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		// What it printed before it died was answered for too; the last line may be torn.
		for lines.Scan() {
			started = append(started, lines.Text())
		}
		started = started[:len(started)-1]
		_ = cmd.Wait() // it was killed
	}
	e, err := asl.New(asl.Options{Journal: open(t, folder), Tasks: asl.TaskFunc(echo)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	arn := strings.Replace(machineARN, "stateMachine", "execution", 1) + ":"
	for _, name := range started {
		want, length, redriven := `[{"i":1},{"i":1}]`, 18, 0
		switch name[len(name)-1] {
		case 'r': // the failure, what it ended, the redrive, and the task once more
			length, redriven = 25, 1
		case 'm': // the failure, the redrive, and the rest
			want, length, redriven = `["`+name+`","x"]`, 13, 1
		}
		result, err := e.Wait(ctx, arn+name)
		if err != nil || string(result.Output) != want {
			t.Fatalf("%s: %+v %v", name, result, err)
		}
		history, err := e.Events(arn + name)
		if err != nil {
			t.Fatal(err)
		}
		d, err := e.Describe(arn + name)
		if err != nil || d.RedriveCount != redriven || len(history) != length {
			t.Fatalf("%s: %d events, %d redrives, %v\n%s", name, len(history), d.RedriveCount, err, events(history))
		}
	}
	if len(started) < 50 {
		t.Errorf("only %d executions", len(started))
	}
}
