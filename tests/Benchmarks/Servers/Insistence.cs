using PushPlatform.Delivery;

namespace PushPlatform.Benchmarks.Servers;

/// <summary>Asks Redis until it answers. Whatever is asked may be repeated; a Redis that is kept busy by what is measured answers late, and that ends no run.</summary>
internal static class Insistence
{
    private const int Most = 20;

    /// <exception cref="StoreUnavailableException">It never did.</exception>
    public static async Task<T> AnsweredAsync<T>(Func<Task<T>> ask)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await ask();
            }
            catch (StoreUnavailableException) when (attempt < Most)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <inheritdoc cref="AnsweredAsync{T}"/>
    public static Task AnsweredAsync(Func<Task> ask) => AnsweredAsync(async () =>
    {
        await ask();
        return true;
    });
}
