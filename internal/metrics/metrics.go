package metrics

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
)

// mailAttempts counts attempts to send a letter, by how they ended. No metric
// has a label with a person in it.
var mailAttempts = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "rollcall_letter_attempts_total",
	Help: "Attempts to hand a letter to a mail server, by outcome: accepted, rejected (for good) or retrying.",
}, []string{"outcome"})

// mailIsReady, memberCount and seatCount show a contact centre's status, so that an alert
// can be made from it.
var (
	mailIsReady = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "rollcall_mail_ready",
		Help: "Whether the contact centre of a namespace has a mail server that takes letters: 1 or 0; absent without spec.mail.",
	}, []string{"namespace"})
	memberCount = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "rollcall_members",
		Help: "Members of the contact centre of a namespace, by state: total, loginAllowed, forcedOffline, mailPending, mailRejected.",
	}, []string{"namespace", "state"})
	seatCount = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "rollcall_license_seats",
		Help: "Licence seats of the contact centre of a namespace, by tier and state: seats, used, waiting; absent without spec.licenses.",
	}, []string{"namespace", "tier", "state"})
)

// Register has the operator's metrics served.
var Register = sync.OnceFunc(func() {
	metrics.Registry.MustRegister(mailAttempts, mailIsReady, memberCount, seatCount)
	for _, outcome := range []mail.Outcome{mail.Accepted, mail.Rejected, mail.Retrying} {
		mailAttempts.WithLabelValues(outcome.String()).Add(0)
	}
})

// CountAttempt counts one attempt.
func CountAttempt(outcome mail.Outcome) {
	mailAttempts.WithLabelValues(outcome.String()).Inc()
}

// SetContactCenter sets the metrics of a contact centre.
func SetContactCenter(center *v1alpha1.ContactCenter) {
	if center.Spec.Mail == nil {
		mailIsReady.DeleteLabelValues(center.Namespace)
	} else {
		ready := 0.0
		if apimeta.IsStatusConditionTrue(center.Status.Conditions, v1alpha1.MailReadyCondition) {
			ready = 1
		}
		mailIsReady.WithLabelValues(center.Namespace).Set(ready)
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
		showSeats(center.Namespace, v1alpha1.TierStandard, licenses.Standard)
		showSeats(center.Namespace, v1alpha1.TierPremium, licenses.Premium)
	} else {
		seatCount.DeletePartialMatch(prometheus.Labels{"namespace": center.Namespace})
	}
}

// showSeats sets the metrics of the seats of a tier.
func showSeats(namespace string, tier v1alpha1.LicenseTier, counts v1alpha1.SeatCounts) {
	for state, count := range map[string]int32{"seats": counts.Seats, "used": counts.Used, "waiting": counts.Waiting} {
		seatCount.WithLabelValues(namespace, string(tier), state).Set(float64(count))
	}
}

// DeleteContactCenter removes the metrics of a contact centre that is gone.
func DeleteContactCenter(namespace string) {
	mailIsReady.DeleteLabelValues(namespace)
	memberCount.DeletePartialMatch(prometheus.Labels{"namespace": namespace})
	seatCount.DeletePartialMatch(prometheus.Labels{"namespace": namespace})
}
