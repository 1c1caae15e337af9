// Goroutines that exchange messages.

package main

import (
	"fmt"
	"sync"
	"time"
)

func sumBelow(count int) int { return count * (count - 1) / 2 }

// --- skynet ---------------------------------------------------------------------------------------

func node(number, leaves int, sum *int, done *sync.WaitGroup) {
	defer done.Done()
	if leaves == 1 {
		*sum = number
		return
	}
	var sums [10]int
	var children sync.WaitGroup
	children.Add(len(sums))
	each := leaves / len(sums)
	for i := range sums {
		go node(number+i*each, each, &sums[i], &children)
	}
	children.Wait()
	total := 0
	for _, it := range sums {
		total += it
	}
	*sum = total
}

func skynet(leaves int) (outcome, error) {
	tasks := 1
	for level := leaves; level > 1; level /= 10 {
		if level%10 != 0 {
			return outcome{}, fmt.Errorf("%d is no power of ten", leaves)
		}
		tasks += level
	}
	start := time.Now()
	var sum int
	var done sync.WaitGroup
	done.Add(1)
	go node(0, leaves, &sum, &done)
	done.Wait()
	return timed(leaves, tasks, start), check("sum", sum, sumBelow(leaves))
}

// --- ping_pong ------------------------------------------------------------------------------------

func pong(inbox <-chan int, peer chan<- int) (served int) {
	for value := range inbox {
		peer <- value
		served++
	}
	return served
}

func ping(inbox <-chan int, peer chan<- int, trips int) (sum int) {
	for trip := 0; trip < trips; trip++ {
		peer <- trip
		sum += <-inbox
	}
	close(peer)
	return sum
}

func pingPong(trips int) (outcome, error) {
	start := time.Now()
	toPing, toPong, sum := make(chan int), make(chan int), make(chan int)
	go pong(toPong, toPing)
	go func() { sum <- ping(toPing, toPong, trips) }()
	total := <-sum
	return timed(trips, trips, start), check("sum", total, sumBelow(trips))
}

// --- mailing --------------------------------------------------------------------------------------

// The parent ends after its child, of which it learns whether it panicked.
func mailing(trips int) (outcome, error) {
	start := time.Now()
	toParent, toChild := make(chan int), make(chan int)
	var child sync.WaitGroup
	var served int
	var failure any
	child.Add(1)
	go func() {
		defer child.Done()
		defer func() { failure = recover() }()
		served = pong(toChild, toParent)
	}()
	sum := ping(toParent, toChild, trips)
	child.Wait()
	found := timed(trips, trips, start)
	if failure != nil {
		return found, fmt.Errorf("the child: %v", failure)
	}
	if err := check("served by the child", served, trips); err != nil {
		return found, err
	}
	return found, check("sum", sum, sumBelow(trips))
}

// --- counting, fan_out, fan_in --------------------------------------------------------------------

// collect receives as many messages as expected.
func collect(inbox <-chan int, expected int) (sum int) {
	for i := 0; i < expected; i++ {
		sum += <-inbox
	}
	return sum
}

func counting(messages int) (outcome, error) {
	start := time.Now()
	inbox := make(chan int, 16384)
	go func() {
		for value := 0; value < messages; value++ {
			inbox <- value
		}
	}()
	sum := collect(inbox, messages)
	return timed(messages, messages, start), check("sum", sum, sumBelow(messages))
}

func fanOut(tasks int) (outcome, error) {
	start := time.Now()
	inbox := make(chan int, 16384)
	go func() {
		for value := 0; value < tasks; value++ {
			value := value
			go func() { inbox <- value }()
		}
	}()
	sum := collect(inbox, tasks)
	return timed(tasks, tasks, start), check("sum", sum, sumBelow(tasks))
}

const senders = 100

func fanIn(messagesEach int) (outcome, error) {
	start := time.Now()
	inbox := make(chan int, 1024)
	for sender := 0; sender < senders; sender++ {
		go func() {
			for value := 0; value < messagesEach; value++ {
				inbox <- value
			}
		}()
	}
	sum := collect(inbox, senders*messagesEach)
	return timed(messagesEach, senders*messagesEach, start),
		check("sum", sum, senders*sumBelow(messagesEach))
}

// --- big ------------------------------------------------------------------------------------------

const bigActors = 1000

// bigMessage is a ping from an actor, or a pong from none.
type bigMessage struct{ from *bigActor }

type bigActor struct {
	me    int
	inbox chan bigMessage
}

// random is xorshift64.
type random uint64

func (r *random) below(bound int) int {
	x := *r
	x ^= x << 13
	x ^= x >> 7
	x ^= x << 17
	*r = x
	return int(x>>33) % bound
}

// run pings others until all of its pings are answered, and serves until the inbox is closed.
func (a *bigActor) run(all []bigActor, pings int, sink chan<- int) (served int) {
	dice := random(0x9E3779B97F4A7C15 ^ uint64(a.me+1))
	another := func() *bigActor {
		pick := dice.below(len(all) - 1)
		if pick >= a.me {
			pick++
		}
		return &all[pick]
	}
	left := pings - 1
	another().inbox <- bigMessage{a}
	for message := range a.inbox {
		switch {
		case message.from != nil:
			served++
			message.from.inbox <- bigMessage{}
		case left > 0:
			left--
			another().inbox <- bigMessage{a}
		default:
			sink <- a.me
		}
	}
	return served
}

func big(pings int) (outcome, error) {
	all := make([]bigActor, bigActors)
	for i := range all {
		// Room for a ping from each other actor and one pong: no send blocks, so nobody waits for one
		// who waits for him.
		all[i] = bigActor{me: i, inbox: make(chan bigMessage, bigActors)}
	}
	sink, counts := make(chan int, bigActors), make(chan int, bigActors)
	start := time.Now()
	for i := range all {
		actor := &all[i]
		go func() { counts <- actor.run(all, pings, sink) }()
	}
	for range all {
		<-sink
	}
	found := timed(pings, bigActors*pings, start)
	for i := range all {
		close(all[i].inbox)
	}
	return found, check("pings served", collect(counts, bigActors), bigActors*pings)
}

// --- thread_ring ----------------------------------------------------------------------------------

const ring = 1000

func threadRing(hops int) (outcome, error) {
	var links [ring]chan int
	for i := range links {
		links[i] = make(chan int)
	}
	last := make(chan int)
	for i := range links {
		go func(me int, inbox <-chan int, next chan<- int) {
			for left := range inbox {
				if left == 0 {
					last <- me
				} else {
					next <- left - 1
				}
			}
		}(i, links[i], links[(i+1)%ring])
	}
	start := time.Now()
	links[0] <- hops
	holder := <-last
	return timed(hops, hops, start), check("last holder", holder, hops%ring)
}

// --- ask ------------------------------------------------------------------------------------------

type request struct {
	value  int
	answer chan<- int
}

type client struct {
	server chan<- request
	answer chan int
	timer  *time.Timer
}

const patience = 10 * time.Second

func newClient(server chan<- request) *client {
	timer := time.NewTimer(patience)
	timer.Stop()
	return &client{server, make(chan int, 1), timer}
}

func (c *client) ask(value int) (int, error) {
	c.timer.Reset(patience)
	c.server <- request{value, c.answer}
	select {
	case answer := <-c.answer:
		if !c.timer.Stop() {
			<-c.timer.C
		}
		return answer, nil
	case <-c.timer.C:
		c.answer = make(chan int, 1) // a late answer goes to the old one
		return 0, fmt.Errorf("no answer in %v", patience)
	}
}

func ask(requests int) (outcome, error) {
	start := time.Now()
	server := make(chan request)
	go func() {
		for it := range server {
			it.answer <- it.value + 1
		}
	}()
	client := newClient(server)
	sum := 0
	for value := 0; value < requests; value++ {
		answer, err := client.ask(value)
		if err != nil {
			return outcome{}, err
		}
		sum += answer
	}
	return timed(requests, requests, start), check("sum", sum, sumBelow(requests)+requests)
}
