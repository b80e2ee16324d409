package asl_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/journal"
)

// victimFolder names the environment variable that makes the test binary a
// process to be killed.
const victimFolder = "MAYFLY_ASL_VICTIM"

// victim starts executions for as long as it lives, and prints each that Start
// has answered for.
func victim(folder string) error {
	j, err := journal.Open(folder, journal.Options{NoSync: true})
	if err != nil {
		return err
	}
	e, err := asl.New(asl.Options{Journal: j, Tasks: asl.TaskFunc(echo)})
	if err != nil {
		return err
	}
	m, err := asl.Parse([]byte(chain(5, taskState)))
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		name := fmt.Sprintf("%d-%d", os.Getpid(), i)
		if _, err := e.Start(context.Background(), asl.StartInput{Machine: m, MachineARN: machineARN, Name: name, Input: []byte(`{"i":1}`)}); err != nil {
			return err
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
		if err != nil || string(result.Output) != `{"i":1}` {
			t.Fatalf("%s: %+v %v", name, result, err)
		}
		history, err := e.Events(arn + name)
		if err != nil || len(history) != 27 {
			t.Fatalf("%s: %d events, %v", name, len(history), err)
		}
	}
	if len(started) < 50 {
		t.Errorf("only %d executions", len(started))
	}
}
