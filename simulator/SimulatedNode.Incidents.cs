using Monitoring.Simulator.Incidents;
using Monitoring.Simulator.Scenarios;

namespace Monitoring.Simulator;

/// <content>What goes wrong on a node, and when.</content>
public sealed partial class SimulatedNode
{
    private readonly List<RunningIncident> _incidents = [];
    private readonly PriorityQueue<ScenarioEntry, TimeSpan> _planned = new();

    /// <summary>Incidents that last now.</summary>
    public IReadOnlyList<RunningIncident> Incidents
    {
        get
        {
            lock (Gate) return [.. _incidents];
        }
    }

    /// <summary>Starts an incident on a GPU; one of the same kind that lasts there is ended first.</summary>
    /// <param name="name">Name of the kind, such as thermal_throttle.</param>
    /// <param name="gpu">Index of the GPU.</param>
    /// <param name="duration">How long it lasts in simulated time; null until it is stopped.</param>
    /// <param name="parameters">Values of its parameters; what is left out has its default.</param>
    /// <exception cref="ArgumentException">No such incident, GPU or parameter; the message says what is allowed.</exception>
    public void StartIncident(string name, int gpu, TimeSpan? duration = null, IEnumerable<KeyValuePair<string, string>>? parameters = null)
    {
        var (kind, incident) = Prepare(name, gpu, parameters ?? []);
        lock (Gate)
        {
            StopIncident(name, gpu);
            incident.Start(Gpus[gpu]);
            _incidents.Add(new RunningIncident(kind, Gpus[gpu], duration is null ? null : Elapsed + duration, incident));
        }
    }

    /// <summary>Ends an incident; false if none of that kind lasts on the GPU.</summary>
    public bool StopIncident(string name, int gpu)
    {
        lock (Gate)
        {
            if (_incidents.FindIndex(running => running.Kind.Name == name && running.Gpu.Index == gpu) is not (>= 0 and var index)) return false;
            var found = _incidents[index];
            _incidents.RemoveAt(index);
            found.Incident.Stop(found.Gpu);
            return true;
        }
    }

    /// <summary>Plans the incidents of a scenario, counted from now.</summary>
    /// <exception cref="ArgumentException">The scenario names a GPU that the node does not have.</exception>
    public void Play(Scenario scenario)
    {
        foreach (var entry in scenario.Entries)
            try
            {
                foreach (var gpu in GpusOf(entry)) _ = Prepare(entry.Incident, gpu, entry.Parameters);
            }
            catch (ArgumentException exception)
            {
                throw new ArgumentException($"{scenario.File}:{entry.Line}: {exception.Message}", exception);
            }
        lock (Gate)
            foreach (var entry in scenario.Entries) _planned.Enqueue(entry, Elapsed + entry.At);
    }

    private IEnumerable<int> GpusOf(ScenarioEntry entry) => entry.Gpu is { } one ? [one] : Enumerable.Range(0, Gpus.Count);

    /// <summary>Everything that can be wrong with the wish for an incident is found here.</summary>
    private (IncidentKind Kind, Incident Incident) Prepare(string name, int gpu, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        if (_playback is not null) throw new ArgumentException($"{name} cannot be: the node plays a recording");
        var kind = IncidentKind.Find(name) ?? throw new ArgumentException($"incident is '{name}', expected one of {string.Join(", ", IncidentKind.All.Select(known => known.Name))}");
        if (gpu < 0 || gpu >= Gpus.Count) throw new ArgumentException($"gpu is {gpu}, expected {(Gpus.Count == 0 ? "none: the node has no GPUs" : $"0 to {Gpus.Count - 1}")}");
        if (!IncidentArguments.TryCreate(kind, parameters, out var arguments, out var errors)) throw new ArgumentException(string.Join('\n', errors));
        var incident = kind.Create(arguments);
        return incident.Refusal(Gpus[gpu]) is { } refusal ? throw new ArgumentException($"{name} cannot be: {refusal}") : (kind, incident);
    }

    private void StepIncidents(TimeSpan step)
    {
        while (_planned.TryPeek(out var entry, out var due) && due <= Elapsed)
        {
            _planned.Dequeue();
            foreach (var gpu in GpusOf(entry)) StartIncident(entry.Incident, gpu, entry.Duration, entry.Parameters);
        }
        for (var index = _incidents.Count - 1; index >= 0; index--)
        {
            var running = _incidents[index];
            if (running.Ends <= Elapsed) StopIncident(running.Kind.Name, running.Gpu.Index);
            else running.Incident.Advance(running.Gpu, step);
        }
    }
}
