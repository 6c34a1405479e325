package main

import (
	"context"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// validator refuses statuses that contradict themselves.
type validator struct{}

func (validator) ValidateCreate(context.Context, *WorkflowExecution) (admission.Warnings, error) {
	return nil, nil
}

func (validator) ValidateDelete(context.Context, *WorkflowExecution) (admission.Warnings, error) {
	return nil, nil
}

func (validator) ValidateUpdate(_ context.Context, stored, new *WorkflowExecution) (admission.Warnings, error) {
	errs := judge(new)
	if len(errs) > 0 {
		errs = withoutStored(errs, judge(stored))
	}
	path := field.NewPath("status")
	if from, to := phaseOf(&stored.Status), phaseOf(&new.Status); slices.Contains(phases, from) && slices.Contains(phases, to) &&
		!isTransition(from, to) {
		errs = append(errs, field.Forbidden(path.Child("phase"), from+" -> "+to+" is not a legal transition"))
	}
	for i := range new.Status.Conditions {
		condition := &new.Status.Conditions[i]
		if condition.ObservedGeneration <= new.Generation {
			continue
		}
		if old := meta.FindStatusCondition(stored.Status.Conditions, condition.Type); old == nil ||
			old.ObservedGeneration != condition.ObservedGeneration {
			place := path.Child("conditions").Index(i).Child("observedGeneration")
			errs = append(errs, field.Invalid(place, condition.ObservedGeneration, "above metadata.generation"))
		}
	}
	if len(errs) == 0 {
		return nil, nil
	}
	kind := groupVersion.WithKind("WorkflowExecution").GroupKind()
	return nil, apierrors.NewInvalid(kind, new.Name, errs)
}

// withoutStored leaves out the faults that the stored object has as well.
func withoutStored(errs, stored field.ErrorList) field.ErrorList {
	return slices.DeleteFunc(errs, func(err *field.Error) bool {
		return slices.ContainsFunc(stored, func(old *field.Error) bool {
			return old.Type == err.Type && old.Detail == err.Detail && old.BadValue == err.BadValue
		})
	})
}

// judge returns every fault of a status that can be seen without the stored one.
func judge(execution *WorkflowExecution) field.ErrorList {
	var errs field.ErrorList
	status, path := &execution.Status, field.NewPath("status")
	phase := phaseOf(status)
	if !slices.Contains(phases, phase) {
		errs = append(errs, field.NotSupported(path.Child("phase"), phase, phases))
	}
	if status.FailureDetails != nil && phase != "Failed" {
		errs = append(errs, field.Forbidden(path.Child("failureDetails"), "only in phase Failed"))
	}
	if status.SkipDetails != nil && phase != "Skipped" {
		errs = append(errs, field.Forbidden(path.Child("skipDetails"), "only in phase Skipped"))
	}
	if status.SkipDetails == nil && phase == "Skipped" {
		errs = append(errs, field.Required(path.Child("skipDetails"), "in phase Skipped"))
	}
	seen := make(map[string]bool, len(status.Conditions))
	for i := range status.Conditions {
		condition, place := &status.Conditions[i], path.Child("conditions").Index(i)
		if seen[condition.Type] {
			errs = append(errs, field.Duplicate(place.Child("type"), condition.Type))
			continue
		}
		seen[condition.Type] = true
		errs = append(errs, judgeCondition(status, phase, condition, place)...)
	}
	return errs
}

func judgeCondition(status *Status, phase string, condition *metav1.Condition, place *field.Path) field.ErrorList {
	var errs field.ErrorList
	allowed, known := reasons[condition.Type]
	if !known && !isThirdParty(condition.Type) {
		return append(errs, field.NotSupported(place.Child("type"), condition.Type, []string{created, running, complete, audit, lock}))
	}
	reason, reasonIsFine := place.Child("reason"), false
	if !isCamelCase(condition.Reason) {
		errs = append(errs, field.Invalid(reason, condition.Reason, "must be CamelCase"))
	} else if list := allowed[condition.Status]; list != nil && !slices.Contains(list, condition.Reason) {
		errs = append(errs, field.NotSupported(reason, condition.Reason, list))
	} else {
		reasonIsFine = true
	}
	if forbids(phase, condition) {
		errs = append(errs, field.Forbidden(place.Child("status"), string(condition.Status)+" contradicts phase "+phase))
	}
	if condition.Status == metav1.ConditionTrue && (condition.Type == running || condition.Type == complete) &&
		meta.IsStatusConditionFalse(status.Conditions, created) {
		errs = append(errs, field.Forbidden(place.Child("status"), "contradicts "+created+" False"))
	}
	if !reasonIsFine {
		return errs
	}
	if details := status.FailureDetails; details != nil && condition.Type == complete && condition.Status == metav1.ConditionFalse &&
		slices.Contains(reasons[complete][metav1.ConditionFalse], details.Reason) && condition.Reason != details.Reason &&
		condition.Reason != "PipelineFailed" && !(condition.Reason == "TaskFailed" && details.Reason == "Unknown") {
		errs = append(errs, field.Invalid(reason, condition.Reason, "failureDetails have "+details.Reason))
	}
	if details := status.SkipDetails; details != nil && condition.Type == lock && condition.Status == metav1.ConditionTrue {
		if agreeing := skipReasons[details.Reason]; agreeing != nil && !slices.Contains(agreeing, condition.Reason) {
			errs = append(errs, field.Invalid(reason, condition.Reason, "skipDetails have "+details.Reason))
		}
	}
	return errs
}
