package mail

// Health is what is known about a contact center's mail server.
type Health struct {
	// Settings is the hash of the settings that the rest is about; empty without settings.
	Settings string
	// Known reports whether the server was tried with these settings.
	Known bool
	// Failed is the server's failure; nil if it works, or is not known yet.
	Failed *StageError
}

// Ready reports whether the server accepts e-mails.
func (h Health) Ready() bool { return h.Known && h.Failed == nil }

// SetRoute gives a contact center its mail settings. If they differ from those
// before, the server is checked again, and every e-mail may be tried at once.
func (o *Outbox) SetRoute(name string, settings Settings) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if route := o.route(name); route.settings == nil || route.settings.Hash != settings.Hash {
		o.configure(route, &settings)
	}
}

// RemoveRoute removes a contact center's mail settings. Its e-mails wait.
func (o *Outbox) RemoveRoute(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if route, ok := o.routes[name]; ok {
		o.configure(route, nil)
		o.removeIfUnused(route)
	}
}

// configure changes the settings of a route. The caller holds the lock.
func (o *Outbox) configure(r *route, settings *Settings) {
	now := o.clock.now()
	o.unused = append(o.unused, r.takeIdleSince(now)...)
	r.configure(settings, now)
	o.nudge()
}

// Health returns what is known about a contact center's mail server.
func (o *Outbox) Health(name string) Health {
	o.mu.Lock()
	defer o.mu.Unlock()
	route, ok := o.routes[name]
	if !ok || route.settings == nil {
		return Health{}
	}
	return Health{Settings: route.settings.Hash, Known: route.breaker.known, Failed: route.breaker.failed}
}

// route returns the route of a contact center, and creates it if needed. The
// caller holds the lock.
func (o *Outbox) route(name string) *route {
	found, ok := o.routes[name]
	if !ok {
		found = &route{name: name}
		o.routes[name] = found
	}
	return found
}

// removeIfUnused removes a route without settings, attempts and e-mails. The
// caller holds the lock.
func (o *Outbox) removeIfUnused(r *route) {
	if r.settings == nil && r.inFlight+r.outdated == 0 && len(r.waiting) == 0 {
		delete(o.routes, r.name)
	}
}
