package mail

// queue holds waiting items, the next one first. It implements heap.Interface.
type queue []*item

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	a, b := q[i], q[j]
	if !a.delivery.NotBefore.Equal(b.delivery.NotBefore) {
		return a.delivery.NotBefore.Before(b.delivery.NotBefore)
	}
	return a.order < b.order
}

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].position, q[j].position = i, j
}

func (q *queue) Push(x any) {
	added, ok := x.(*item)
	if !ok {
		panic("mail: the queue holds items only")
	}
	added.position = len(*q)
	*q = append(*q, added)
}

func (q *queue) Pop() any {
	last := len(*q) - 1
	removed := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return removed
}
