// Command past is `mayfly local` with a clock that lags, for pictures of the
// console: what took weeks is lived through in a minute, with real nights.
//
//	past FOLDER LAG
//
// It prints the addresses of the API and of the AWS port, and sets the lag anew
// to each duration that it reads, such as 48h, in a line of its own. It ends with
// its input.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/mayfly-dev/mayfly/console"
	"github.com/mayfly-dev/mayfly/local"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("past FOLDER LAG")
	}
	lag, err := time.ParseDuration(os.Args[2])
	if err == nil {
		err = run(context.Background(), os.Args[1], lag)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, folder string, lag time.Duration) (err error) {
	var behind atomic.Int64
	behind.Store(int64(lag))
	config := local.Default()
	config.Data, config.APIAddress, config.AWSAddress = folder, "127.0.0.1:0", "127.0.0.1:0"
	config.Night, config.Version = "03:00", "1.0.0"
	config.NoSync, config.Propagation = true, 0
	config.Now = func() time.Time { return time.Now().Add(-time.Duration(behind.Load())) }
	config.Console = func(uploads string) (local.Pages, error) {
		return console.New(console.Options{Uploads: []string{uploads}})
	}
	config.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	running, err := local.Start(ctx, config)
	if err != nil {
		return fmt.Errorf("start the local cloud: %w", err)
	}
	defer func() {
		if closed := running.Close(); err == nil && closed != nil {
			err = fmt.Errorf("stop the local cloud: %w", closed)
		}
	}()
	schedules := scheduler.New(scheduler.Options{
		Region: local.Region, BaseEndpoint: aws.String(running.AWSURL), Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	fmt.Printf("API %s\nAWS %s\n", running.APIURL, running.AWSURL)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		lag, err := time.ParseDuration(lines.Text())
		if err != nil {
			return fmt.Errorf("the lag: %w", err)
		}
		behind.Store(int64(lag))
		if err := look(ctx, schedules, lag); err != nil {
			return err
		}
		fmt.Println("set")
	}
	return lines.Err()
}

// look lets the scheduler look at the clock, which it does each minute, and
// whenever a schedule is made.
func look(ctx context.Context, schedules *scheduler.Client, lag time.Duration) error {
	name := aws.String(fmt.Sprintf("look-%d", lag/time.Second))
	_, err := schedules.CreateSchedule(ctx, &scheduler.CreateScheduleInput{
		Name: name, ScheduleExpression: aws.String("rate(1 day)"), State: types.ScheduleStateDisabled,
		FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		Target:             &types.Target{Arn: aws.String("arn:aws:states:us-east-1:000000000000:stateMachine:none"), RoleArn: aws.String("arn:aws:iam::000000000000:role/none")},
	})
	if err == nil {
		_, err = schedules.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{Name: name})
	}
	if err != nil {
		return fmt.Errorf("let the scheduler look at the clock: %w", err)
	}
	return nil
}
