from fastapi import BackgroundTasks, FastAPI
from git import Repo
from openai import AsyncOpenAI
from pydantic import BaseModel

app = FastAPI()


class Trial(BaseModel):
    models: list[str]
    questions: list[str]


async def ask(model: str, question: str) -> str:
    client = AsyncOpenAI()
    answer = await client.responses.create(model=model, input=question)
    return answer.output_text


async def ask_all(model: str, questions: list[str]) -> list[str]:
    answers = []
    for question in questions:
        answers.append(await ask(model, question))
    return answers


@app.post("/trials")
async def run_trial(trial: Trial) -> list[str]:  # expect: long-job-inside-request
    answers: list[str] = []
    for model in trial.models:
        answers += await ask_all(model, trial.questions)
    return answers


@app.post("/repositories")
def add_repository(url: str) -> None:  # expect: long-job-inside-request
    Repo.clone_from(url, "/tmp/x")


@app.post("/questions")
async def ask_once(question: str) -> str:  # silent
    return await ask("m", question)


@app.post("/retries")
async def ask_again(question: str) -> str:  # silent: a few rounds
    for model in ("a", "b"):
        answer = await ask(model, question)
        if answer:
            return answer
    return ""


def loan_create_flow(loan: int) -> None: ...


def loan_update_flow(loan: int) -> None: ...


def loan_delete_flow(loan: int) -> None: ...


def loan_log(loan: int) -> None: ...


@app.post("/loans")
def create_loan(tasks: BackgroundTasks) -> None:
    tasks.add_task(loan_create_flow, 1)
    tasks.add_task(loan_update_flow, 1)


@app.delete("/loans")
def delete_loan() -> None:
    loan_log(1)  # silent
    loan_delete_flow(1)  # expect: long-job-inside-request


@app.post("/mirrors")
def mirror(url: str, tasks: BackgroundTasks) -> None:  # silent
    tasks.add_task(Repo.clone_from, url, "/tmp/x")
