package flags

import (
	"flag"
	"fmt"

	"github.com/spf13/pflag"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// maxLogLevel is the most verbose level allowed. Above it, client-go logs requests and
// responses, including Secrets.
const maxLogLevel = 5

// StartLogging sets up logging by the flags. It returns an error for a level at which
// libraries log passwords.
func StartLogging(logging *zap.Options) error {
	if logging.Level != nil && logging.Level.Enabled(-maxLogLevel-1) {
		return fmt.Errorf("--zap-log-level is above %d: libraries would log whole requests, including passwords; use %d or less", maxLogLevel, maxLogLevel)
	}
	logger := zap.New(zap.UseFlagOptions(logging))
	ctrl.SetLogger(logger)
	klog.SetLogger(logger.WithName("client-go"))
	return nil
}

// AddLogFlags adds the flags for logging, --zap-*.
func AddLogFlags(flags *pflag.FlagSet, logging *zap.Options) {
	logFlags := flag.NewFlagSet("log", flag.ContinueOnError)
	logging.BindFlags(logFlags)
	for name, usage := range map[string]string{
		"zap-devel":            "log for development: console encoder, level debug, stack traces from warn",
		"zap-encoder":          "log format: json or console (default json)",
		"zap-log-level":        fmt.Sprintf("log level: debug, info, error, panic, or a number from 1 to %d; higher numbers are refused because libraries would log passwords", maxLogLevel),
		"zap-stacktrace-level": "level from which log lines have a stack trace: info, error, or panic",
		"zap-time-encoding":    "format of times: epoch, millis, nano, iso8601, rfc3339, or rfc3339nano (default rfc3339)",
	} {
		logFlags.Lookup(name).Usage = usage
	}
	flags.AddGoFlagSet(logFlags)
}
