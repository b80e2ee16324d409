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
// has answered for. Each second one fails, and is redriven before it is printed.
func victim(folder string) error {
	j, err := journal.Open(folder, journal.Options{NoSync: true})
	if err != nil {
		return err
	}
	own := fmt.Sprint(os.Getpid()) + "-"
	var failed sync.Map
	e, err := asl.New(asl.Options{Journal: j, Tasks: asl.TaskFunc(func(ctx context.Context, t asl.Task) ([]byte, error) {
		if _, again := failed.LoadOrStore(t.ExecutionName, true); !again && strings.HasPrefix(t.ExecutionName, own) && strings.HasSuffix(t.ExecutionName, "r") {
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
	for i := 0; ; i++ {
		name := own + fmt.Sprint(i)
		if i%2 == 1 {
			name += "r"
		}
		started, err := e.Start(context.Background(), asl.StartInput{Machine: m, MachineARN: machineARN, Name: name, Input: []byte(`{"i":1}`)})
		if err != nil {
			return err
		}
		if i%2 == 1 {
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
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	arn := strings.Replace(machineARN, "stateMachine", "execution", 1) + ":"
	for _, name := range started {
		result, err := e.Wait(ctx, arn+name)
		if err != nil || string(result.Output) != `[{"i":1},{"i":1}]` {
			t.Fatalf("%s: %+v %v", name, result, err)
		}
		history, err := e.Events(arn + name)
		if err != nil {
			t.Fatal(err)
		}
		length, redriven := 18, 0
		if strings.HasSuffix(name, "r") {
			// The failure, what it ended, the redrive, and the task once more.
			length, redriven = 25, 1
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
