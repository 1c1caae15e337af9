// Goroutines that wait: for a time, for a cancel, for a message that does not come.

package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// --- timers ---------------------------------------------------------------------------------------

// timers has a goroutine for each timer; every second one is told to end.
func timers(count int) (outcome, error) {
	start := time.Now()
	quit := make([]chan struct{}, count)
	var armed, ended sync.WaitGroup
	var cancelled atomic.Int64
	armed.Add(count)
	half := (count + 1) / 2
	ended.Add(half)
	for i := range quit {
		quit[i] = make(chan struct{})
		go func(quit <-chan struct{}) {
			timer := time.NewTimer(time.Hour)
			armed.Done()
			select {
			case <-timer.C:
			case <-quit:
				timer.Stop()
				cancelled.Add(1)
				ended.Done()
			}
		}(quit[i])
	}
	armed.Wait()
	for i := 0; i < count; i += 2 {
		close(quit[i])
	}
	ended.Wait()
	return timed(count, count, start), check("cancelled", int(cancelled.Load()), half)
}

// bareTimers has timers that would call a function, and no goroutine.
func bareTimers(count int) (outcome, error) {
	start := time.Now()
	timers := make([]*time.Timer, count)
	var fired atomic.Int64
	for i := range timers {
		timers[i] = time.AfterFunc(time.Hour, func() { fired.Add(1) })
	}
	cancelled := 0
	for i := 0; i < count; i += 2 {
		if timers[i].Stop() {
			cancelled++
		}
	}
	return timed(count, count, start), check("cancelled", cancelled, (count+1)/2)
}

// --- cancel_tree ----------------------------------------------------------------------------------

type tree struct {
	tasks, arity   int
	waiting, ended sync.WaitGroup
	cancelled      atomic.Int64
}

// grow starts task number me, counted level by level, and all below it.
func (t *tree) grow(above context.Context, me int) {
	defer t.ended.Done()
	ctx, cancel := context.WithCancel(above)
	defer cancel()
	for child := me*t.arity + 1; child <= me*t.arity+t.arity && child < t.tasks; child++ {
		go t.grow(ctx, child)
	}
	t.waiting.Done()
	<-ctx.Done()
	t.cancelled.Add(1)
}

func cancel(name string, tasks, arity int) (outcome, error) {
	all := &tree{tasks: tasks, arity: arity}
	all.waiting.Add(tasks)
	all.ended.Add(tasks)
	ctx, stop := context.WithCancel(context.Background())
	go all.grow(ctx, 0)
	all.waiting.Wait()
	start := time.Now()
	stop()
	all.ended.Wait()
	found := timed(tasks, tasks, start)
	found.name = name
	return found, check("cancelled", int(all.cancelled.Load()), tasks)
}

func cancelTree(tasks int) (outcome, error)  { return cancel("tree", tasks, 10) }
func cancelChain(depth int) (outcome, error) { return cancel("chain", depth, 1) }

// --- idle -----------------------------------------------------------------------------------------

// idle starts goroutines that wait for a message, each in a channel of its own.
func idle(count int) []chan int {
	inboxes := make([]chan int, count)
	var waiting sync.WaitGroup
	waiting.Add(count)
	for i := range inboxes {
		inboxes[i] = make(chan int)
		go func(inbox <-chan int) {
			waiting.Done()
			for range inbox {
			}
		}(inboxes[i])
	}
	waiting.Wait()
	return inboxes
}

func residentBytes() (int, error) {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	var size, resident int
	_, err = fmt.Sscan(string(statm), &size, &resident)
	return resident * os.Getpagesize(), err
}

func idleMemory(count int) (outcome, error) {
	debug.FreeOSMemory()
	before, err := residentBytes()
	if err != nil {
		return outcome{}, err
	}
	inboxes := idle(count)
	debug.FreeOSMemory()
	after, err := residentBytes()
	each := float64(after-before) / float64(count)
	figures := fmt.Sprintf(`"bytes_each":%.1f`, each)
	for _, inbox := range inboxes {
		close(inbox)
	}
	return outcome{name: "actor", size: count, operations: count, figures: figures}, err
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func idleCPU(count int) (outcome, error) {
	inboxes := idle(count)
	time.Sleep(time.Second) // what ends the setting up is not idling
	start, before := time.Now(), cpuTime()
	time.Sleep(10 * time.Second)
	used, took := cpuTime()-before, time.Since(start)
	figures := fmt.Sprintf(`"cpu_seconds":%.6f,"wall_seconds":%.6f`, used.Seconds(), took.Seconds())
	for _, inbox := range inboxes {
		close(inbox)
	}
	return outcome{size: count, operations: count, figures: figures}, nil
}
