// A sketch for AuthScape's host: tells the bridge which records changed, by ids only. See "Changes in AuthScape" in README.md.
public sealed record BridgeEvent(string Entity, long Id, string Change, DateTimeOffset OccurredAt);

/// Notes what a save changes, and passes it on once it is saved. One per DbContext (scoped).
public sealed class BridgeInterceptor(Channel<BridgeEvent> events) : SaveChangesInterceptor
{
    private readonly List<(object Record, string Change)> saving = [];

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData data, InterceptionResult<int> result, CancellationToken stop = default)
    {
        saving.Clear();
        foreach (var entry in data.Context!.ChangeTracker.Entries())
        {
            var change = entry.State switch
            {
                EntityState.Added => "created",
                EntityState.Modified => "updated",
                EntityState.Deleted => "deleted",
                _ => null,
            };
            if (change is not null) saving.Add((entry.Entity, change));
        }
        return ValueTask.FromResult(result);
    }

    // Now new records have their ids. Add the tables of custom-field values: each names the record that it belongs to.
    public override ValueTask<int> SavedChangesAsync(
        SaveChangesCompletedEventData data, int result, CancellationToken stop = default)
    {
        foreach (var (record, change) in saving)
        {
            (string Entity, long Id)? what = record switch
            {
                AppUser user => ("User", user.Id),
                Company company => ("Company", company.Id),
                Location location => ("Location", location.Id),
                _ => null,
            };
            if (what is { } one) events.Writer.TryWrite(new(one.Entity, one.Id, change, DateTimeOffset.UtcNow));
        }
        saving.Clear();
        return ValueTask.FromResult(result);
    }
}

/// Posts outside of any request; `bridge` is an HttpClient with base address, function key and a time-out of ten seconds.
public sealed class BridgeSender(Channel<BridgeEvent> events, IHttpClientFactory clients, ILogger<BridgeSender> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        while (await events.Reader.WaitToReadAsync(stop))
        {
            await Task.Delay(500, stop); // an open transaction commits, a burst becomes one batch
            var batch = new List<BridgeEvent>();
            while (batch.Count < 500 && events.Reader.TryRead(out var next)) batch.Add(next);
            try
            {
                using var body = JsonContent.Create(new { events = batch });
                await body.LoadIntoBufferAsync(); // gives it a length, which PostAsJsonAsync does not
                var answer = await clients.CreateClient("bridge").PostAsync("api/authscape/events", body, stop);
                answer.EnsureSuccessStatusCode();
            }
            catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException && !stop.IsCancellationRequested)
            {
                log.LogWarning(fault, "{Count} events were not delivered; the next run finds them", batch.Count);
            }
        }
    }
}
