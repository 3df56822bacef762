// Package metrics defines the Prometheus metrics of the operator. No metric has a label
// that identifies a person.
package metrics

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
)

// sendAttempts counts attempts to send an e-mail by outcome.
var sendAttempts = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "rollcall_letter_attempts_total",
	Help: "Attempts to send an e-mail to a mail server, by outcome: accepted, rejected (permanently), or retrying.",
}, []string{"outcome"})

// mailReady, memberCount, and seatCount show the status of contact centers, for alerts.
var (
	mailReady = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "rollcall_mail_ready",
		Help: "Whether the mail server of the contact center in a namespace accepts e-mails: 1 or 0; absent without spec.mail.",
	}, []string{"namespace"})
	memberCount = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "rollcall_members",
		Help: "Members of the contact center in a namespace, by state: total, loginAllowed, forcedOffline, mailPending, mailRejected.",
	}, []string{"namespace", "state"})
	seatCount = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "rollcall_license_seats",
		Help: "License seats of the contact center in a namespace, by tier and state: seats, used, waiting; absent without spec.licenses.",
	}, []string{"namespace", "tier", "state"})
)

// Register registers the metrics with the metrics server of controller-runtime.
var Register = sync.OnceFunc(func() {
	metrics.Registry.MustRegister(sendAttempts, mailReady, memberCount, seatCount)
	for _, outcome := range []mail.Outcome{mail.Accepted, mail.Rejected, mail.Retrying} {
		sendAttempts.WithLabelValues(string(outcome)).Add(0)
	}
})

// CountAttempt counts an attempt to send an e-mail.
func CountAttempt(outcome mail.Outcome) {
	sendAttempts.WithLabelValues(string(outcome)).Inc()
}

// SetContactCenter sets the metrics of a contact center from its status.
func SetContactCenter(center *v1alpha1.ContactCenter) {
	if center.Spec.Mail == nil {
		mailReady.DeleteLabelValues(center.Namespace)
	} else {
		ready := 0.0
		if apimeta.IsStatusConditionTrue(center.Status.Conditions, v1alpha1.MailReadyCondition) {
			ready = 1
		}
		mailReady.WithLabelValues(center.Namespace).Set(ready)
	}
	if counts := center.Status.Members; counts != nil {
		for state, count := range map[string]int32{
			"total": counts.Total, "loginAllowed": counts.LoginAllowed, "forcedOffline": counts.ForcedOffline,
			"mailPending": counts.MailPending, "mailRejected": counts.MailRejected,
		} {
			memberCount.WithLabelValues(center.Namespace, state).Set(float64(count))
		}
	}
	if licenses := center.Status.Licenses; licenses != nil {
		setSeats(center.Namespace, v1alpha1.TierStandard, licenses.Standard)
		setSeats(center.Namespace, v1alpha1.TierPremium, licenses.Premium)
	} else {
		seatCount.DeletePartialMatch(prometheus.Labels{"namespace": center.Namespace})
	}
}

// setSeats sets the metrics of the seats of a tier.
func setSeats(namespace string, tier v1alpha1.LicenseTier, counts v1alpha1.SeatCounts) {
	for state, count := range map[string]int32{"seats": counts.Seats, "used": counts.Used, "waiting": counts.Waiting} {
		seatCount.WithLabelValues(namespace, string(tier), state).Set(float64(count))
	}
}

// DeleteContactCenter deletes the metrics of a deleted contact center.
func DeleteContactCenter(namespace string) {
	mailReady.DeleteLabelValues(namespace)
	memberCount.DeletePartialMatch(prometheus.Labels{"namespace": namespace})
	seatCount.DeletePartialMatch(prometheus.Labels{"namespace": namespace})
}
