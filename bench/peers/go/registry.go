// A registry of tasks as services have one: it admits up to a limit, names, records, runs and
// reports.
//
// One mutex guards the table.

package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"
)

const (
	capacity = 1_000_000
	retained = 10_000
)

type taskID uint64

type state int

const (
	running state = iota
	completed
	failed
)

type record struct {
	id     taskID
	name   string
	parent taskID // 0: none
	state  state
	result int
	err    error
}

type event struct {
	id     taskID
	result int
	err    error
}

var errFull = errors.New("as many tasks run as the registry admits")

type body func(ctx context.Context, id taskID) (int, error)

type registry struct {
	events chan event

	mutex    sync.Mutex
	records  map[taskID]*record
	ended    []taskID // the last ones, in a circle
	oldest   int
	running  int
	latestID taskID
}

func newRegistry() *registry {
	return &registry{
		events:  make(chan event, 16384),
		records: make(map[taskID]*record),
		ended:   make([]taskID, 0, retained),
	}
}

func (r *registry) spawn(ctx context.Context, name string, parent taskID, body body) (taskID, error) {
	it := &record{name: name, parent: parent}
	if err := r.admit(it); err != nil {
		return 0, err
	}
	go func() {
		result, err := guarded(ctx, it.id, body)
		r.finish(it, result, err)
	}()
	return it.id, nil
}

// guarded turns a panic of the body into an error.
func guarded(ctx context.Context, id taskID, body body) (result int, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic: %v", reason)
		}
	}()
	return body(ctx, id)
}

func (r *registry) admit(it *record) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.running == capacity {
		return errFull
	}
	r.running++
	r.latestID++
	it.id = r.latestID
	r.records[it.id] = it
	return nil
}

func (r *registry) finish(it *record, result int, err error) {
	r.mutex.Lock()
	it.state, it.result, it.err = completed, result, err
	if err != nil {
		it.state = failed
	}
	r.running--
	if len(r.ended) < retained {
		r.ended = append(r.ended, it.id)
	} else {
		delete(r.records, r.ended[r.oldest])
		r.ended[r.oldest] = it.id
		r.oldest = (r.oldest + 1) % retained
	}
	r.mutex.Unlock()
	r.events <- event{it.id, result, err}
}

func supervisedDispatch(tasks int) (outcome, error) {
	start := time.Now()
	registry := newRegistry()
	work := func(_ context.Context, id taskID) (int, error) { return int(id), nil }
	go func() {
		for i := 0; i < tasks; i++ {
			for {
				if _, err := registry.spawn(context.Background(), "worker", 0, work); err == nil {
					break
				}
				runtime.Gosched()
			}
		}
	}()
	sum := 0
	for i := 0; i < tasks; i++ {
		it := <-registry.events
		if it.err != nil {
			return outcome{}, it.err
		}
		if it.result != int(it.id) {
			return outcome{}, errors.New("the result of another task")
		}
		sum += it.result
	}
	found := timed(tasks, tasks, start)
	if err := check("sum of ids", sum, tasks*(tasks+1)/2); err != nil {
		return found, err
	}
	registry.mutex.Lock()
	defer registry.mutex.Unlock()
	if err := check("records kept", len(registry.records), min(tasks, retained)); err != nil {
		return found, err
	}
	return found, check("running", registry.running, 0)
}
