package main

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	created  = "TektonPipelineCreated"
	running  = "TektonPipelineRunning"
	complete = "TektonPipelineComplete"
	audit    = "AuditRecorded"
	lock     = "ResourceLocked"
)

var phases = []string{"Pending", "Running", "Completed", "Failed", "Skipped"}

// reasons are those of each type and status.
var reasons = map[string]map[metav1.ConditionStatus][]string{
	created: {
		metav1.ConditionTrue:  {"PipelineCreated"},
		metav1.ConditionFalse: {"PipelineCreationFailed", "QuotaExceeded", "RBACDenied", "ImagePullFailed"},
	},
	running: {
		metav1.ConditionTrue:  {"PipelineStarted"},
		metav1.ConditionFalse: {"PipelineFailedToStart"},
	},
	complete: {
		metav1.ConditionTrue: {"PipelineSucceeded"},
		metav1.ConditionFalse: {"PipelineFailed", "OOMKilled", "DeadlineExceeded", "Forbidden", "ResourceExhausted",
			"ConfigurationError", "ImagePullBackOff", "TaskFailed", "Unknown"},
	},
	audit: {
		metav1.ConditionTrue:  {"AuditSucceeded"},
		metav1.ConditionFalse: {"AuditFailed"},
	},
	lock: {
		metav1.ConditionTrue:  {"TargetResourceBusy", "RecentlyRemediated", "PreviousExecutionFailed", "ExhaustedRetries"},
		metav1.ConditionFalse: {"ResourceAvailable"},
	},
}

// demand is what a phase requires of a condition: the statuses that it forbids.
type demand []metav1.ConditionStatus

var (
	anything demand
	nothing  = demand{metav1.ConditionTrue, metav1.ConditionFalse}
	notTrue  = demand{metav1.ConditionTrue}
	notFalse = demand{metav1.ConditionFalse}
)

// demands has a row for each type and a column for each of phases.
var demands = map[string][]demand{
	created:  {anything, notFalse, notFalse, anything, nothing},
	running:  {notTrue, anything, anything, anything, nothing},
	complete: {nothing, nothing, notFalse, notTrue, nothing},
	audit:    {anything, anything, anything, anything, anything},
	lock:     {anything, notTrue, notTrue, notTrue, notFalse},
}

// skipReasons are the lock's reasons that agree with each reason of skipDetails; the first is the usual one.
var skipReasons = map[string][]string{
	"ResourceBusy":            {"TargetResourceBusy"},
	"RecentlyRemediated":      {"RecentlyRemediated"},
	"PreviousExecutionFailed": {"PreviousExecutionFailed", "RecentlyRemediated"},
	"ExhaustedRetries":        {"ExhaustedRetries", "RecentlyRemediated", "PreviousExecutionFailed"},
}

func phaseOf(status *Status) string {
	if status.Phase == "" {
		return "Pending"
	}
	return status.Phase
}

func isTransition(from, to string) bool {
	switch from {
	case "Pending":
		return true
	case "Running":
		return to != "Pending"
	}
	return from == to
}

// isThirdParty reports whether a type has a domain that is not kubernaut's.
func isThirdParty(conditionType string) bool {
	domain, _, found := strings.Cut(conditionType, "/")
	return found && domain != "kubernaut.ai" && !strings.HasSuffix(domain, ".kubernaut.ai")
}

func isCamelCase(reason string) bool {
	for i, c := range []byte(reason) {
		upper, lower, digit := 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9'
		if !upper && (i == 0 || !lower && !digit) {
			return false
		}
	}
	return reason != ""
}

func forbids(phase string, condition *metav1.Condition) bool {
	row, column := demands[condition.Type], slices.Index(phases, phase)
	return row != nil && column >= 0 && slices.Contains(row[column], condition.Status)
}
